/** What stands in the log, line by line: the entries, with a line for each day and messages put together. */

import { isPresence } from "./state.js";

/** Messages of one author that follow each other this closely stand together. */
export const TOGETHER = 5 * 60 * 1000;

export function rows({ entries, mine }) {
  const told = entries.filter(isLastWord);
  return told.flatMap((entry, index) => {
    const before = told[index - 1];
    const row = toRow(entry, before, mine);
    return isSameDay(entry, before) ? [row] : [{ kind: "day", key: `day-${entry.key}`, at: entry.at }, row];
  });
}

/** Among comings and goings in a row, only the last of each person counts: a reload is no event. */
function isLastWord(entry, index, entries) {
  if (!isPresence(entry)) return true;
  for (const later of entries.slice(index + 1)) {
    if (!isPresence(later)) return true;
    if (later.frame.id === entry.frame.id) return false;
  }
  return true;
}

function toRow(entry, before, mine) {
  const { key, frame, at } = entry;
  if (frame.type === "notification") return { kind: "notice", key, frame, at };
  return {
    kind: "message",
    key,
    frame,
    at,
    isOwn: mine.includes(frame.sender_id),
    isContinued: isTogether(entry, before),
  };
}

function isTogether({ frame, at }, before) {
  return (
    before?.frame.type === "message" &&
    before.frame.sender_id === frame.sender_id &&
    before.frame.sender === frame.sender &&
    at - before.at < TOGETHER &&
    isSameDay({ at }, before)
  );
}

/** Whether both fall on one day of the reader's calendar. */
function isSameDay({ at }, before) {
  return before !== undefined && new Date(at).toDateString() === new Date(before.at).toDateString();
}
