/** Comings and goings: which of them are told, and how many share one line, so that a crowd is no flood. */

/** @import { Entry, NoticeRow } from "./rows.js" */

/** From so many lines on they are one. */
const FOLDED = 3;
/** How many are named where not all are. */
const NAMED = 2;

/** Those who came, or who went: some by their names, and how many others. @typedef {{ names: string[], others: number }} Party */
/**
 * Comings and goings that follow each other, as one line.
 * @typedef {{ kind: "presence", key: string, at: number, came: Party, went: Party }} PresenceRow
 */

/**
 * The entries, with fewer lines of comings and goings: of each person the last word alone, as a reload is no event, and
 * from the third line on all that nobody has spoken between as one.
 * @type {(entries: Entry[]) => (Entry | PresenceRow)[]}
 */
export function folded(entries) {
  /** @type {(Entry | PresenceRow)[]} */
  const found = [];
  /** @type {NoticeRow[]} */
  let run = [];
  for (const entry of entries) {
    if (isPresence(entry)) {
      run.push(entry);
      continue;
    }
    if (run.length > 0) found.push(...asOne(run));
    run = [];
    found.push(entry);
  }
  return run.length > 0 ? [...found, ...asOne(run)] : found;
}

/** @type {(run: NoticeRow[]) => (NoticeRow | PresenceRow)[]} */
function asOne(run) {
  const last = new Map(run.map((line) => [personIn(line), line]));
  const first = new Map(run.toReversed().map((line) => [personIn(line), line]));
  const told = run.filter((line) => {
    const person = personIn(line);
    // Who went, and is back, has not been missed.
    const isBack = first.get(person)?.frame.event === "leave" && line.frame.event === "join";
    return person === undefined || (last.get(person) === line && !isBack);
  });
  if (told.length < FOLDED) return told;
  // The key of the first, whatever follows: so the line stays the same one.
  return [{ kind: "presence", key: `run-${run[0].key}`, at: Number(run.at(-1)?.at), came: party(told, "join"), went: party(told, "leave") }];
}

/** @type {(run: NoticeRow[], event: "join" | "leave") => Party} */
function party(run, event) {
  const names = run.flatMap(({ frame }) => (frame.event === event ? frame.name : []));
  const counted = run.map(({ frame }) => (frame.event === "crowd" ? frame[event === "join" ? "came" : "went"] : 0));
  const unnamed = counted.reduce((sum, count) => sum + count, 0);
  const areAllNamed = unnamed === 0 && names.length <= NAMED + 1;
  const named = areAllNamed ? names : names.slice(0, NAMED);
  return { names: named, others: unnamed + names.length - named.length };
}

/** Who comes or goes in this line; nobody where it is a crowd. @type {(line: NoticeRow) => string | undefined} */
function personIn({ frame }) {
  return frame.event === "join" || frame.event === "leave" ? frame.id : undefined;
}

/** @type {(entry: Entry) => entry is NoticeRow} */
function isPresence(entry) {
  return entry.kind === "notice" && ["join", "leave", "crowd"].includes(entry.frame.event ?? "");
}
