/**
 * The outbox: what the person asked for and the server has not acknowledged, in order. Plain rules about a
 * list of changes; each has a `ref`, so that sending it again does nothing twice.
 */

/** How many changes may be on their way at once. */
export const IN_FLIGHT = 32;
/** A connection that dies over a change this often is no coincidence. */
export const DEATHS = 2;
/** How often the server may say "not just now" before the person has to decide. */
export const REFUSALS = 3;
/** Who was too fast leaves as long as the server has asked for between two changes, up to this many seconds. */
export const PACE = 2;

/**
 * A change with what the outbox knows of it. `status` is waiting (to be sent), sending, resting (the server
 * asked for `rest` seconds), failed (the person decides; `reason` is the server's sentence, if it gave one)
 * or stored (acknowledged as `version`, and the frame that shows it is on its way). What was too fast has a
 * `pace`, in seconds.
 */
export function add(outbox, change) {
  const overtaken = (item) => item.status !== "sending" && isOvertaken(item, change);
  return [
    ...outbox.filter((item) => !overtaken(item)),
    { ...change, status: "waiting", deaths: 0, refusals: 0 },
  ];
}

/**
 * What is to be sent now. Whatever a connection died over goes alone, so that no other is blamed for it; and
 * after one that was too fast they go one by one, so that none is refused and then overtaken by the next.
 */
export function due(outbox) {
  const sending = outbox.filter(isSending);
  const atOnce = outbox.some(isLimited) ? 1 : IN_FLIGHT;
  if (sending.some(isSuspect)) return [];
  const found = [];
  for (const item of outbox) {
    if (item.status === "resting" || sending.length + found.length >= atOnce) break;
    if (item.status !== "waiting") continue;
    if (!isSuspect(item)) found.push(item);
    else if (sending.length + found.length === 0) return [item];
    else break;
  }
  return found;
}

export function sent(outbox, refs) {
  return change(outbox, ({ ref }) => refs.includes(ref), { status: "sending" });
}

/** We have hung up ourselves: what was on its way is to be sent again. */
export function recalled(outbox) {
  return change(outbox, isSending, { status: "waiting" });
}

/** The connection died: what was on its way is to be sent again, but not for ever. */
export function interrupted(outbox) {
  if (!outbox.some(isSending)) return outbox;
  return outbox.map((item) => {
    if (!isSending(item)) return item;
    const deaths = item.deaths + 1;
    return { ...item, deaths, status: deaths < DEATHS ? "waiting" : "failed", reason: null };
  });
}

export function acknowledged(outbox, { ref, id, version }) {
  const isMeant = (item) => item.ref === ref;
  const stored = change(outbox, isMeant, { status: "stored", stored_as: id, version, pace: undefined });
  return paced(stored, find(outbox, ref));
}

/** The room has told everything up to `version`: what is stored is shown by now. */
export function shown(outbox, room, version) {
  const isShown = (item) => item.status === "stored" && item.room === room && item.version <= version;
  return outbox.some(isShown) ? outbox.filter((item) => !isShown(item)) : outbox;
}

/** What we said has come back from the room, maybe before its acknowledgement. */
export function heard(outbox, ref) {
  const isHeard = (item) => item.type === "message" && item.ref === ref;
  if (!outbox.some(isHeard)) return outbox;
  return paced(
    outbox.filter((item) => !isHeard(item)),
    find(outbox, ref),
  );
}

/**
 * The server refuses the change `ref`. Words wait for the person's decision; a deletion or a reaction is
 * forgotten, as the message shows how things stand.
 */
export function refused(outbox, { ref, code, message, retry_after }) {
  const item = find(outbox, ref);
  if (!item) return outbox;
  const index = outbox.indexOf(item);
  if (outbox.slice(index + 1).some((later) => isOvertaken(item, later))) return discarded(outbox, ref);

  const isMeant = (one) => one === item;
  if (code === "rate_limited") {
    const rest = retry_after ?? 1;
    const pace = Math.min(Math.max(item.pace ?? 0, rest), PACE);
    return change(outbox, isMeant, { status: "resting", rest, pace });
  }
  const refusals = item.refusals + 1;
  if (code === "internal" && refusals < REFUSALS) {
    return change(outbox, isMeant, { status: "resting", refusals, rest: retry_after ?? 2 });
  }
  if (!hasWords(item)) return discarded(outbox, ref);
  return change(outbox, isMeant, { status: "failed", refusals, reason: message });
}

export function rested(outbox, ref) {
  return change(outbox, (item) => item.ref === ref && item.status === "resting", { status: "waiting" });
}

/** The person wants another try. It goes alone if a connection died over it. */
export function retried(outbox, ref) {
  return outbox.map((item) =>
    item.ref === ref && item.status === "failed"
      ? { ...item, status: "waiting", deaths: Math.min(item.deaths, DEATHS - 1), refusals: 0, pace: undefined }
      : item,
  );
}

export function discarded(outbox, ref) {
  return outbox.filter((item) => item.ref !== ref);
}

/** What another tab has left behind, in its place by time. */
export function adopted(outbox, items) {
  const news = items.filter(isSound).filter(({ ref }) => !find(outbox, ref));
  if (news.length === 0) return outbox;
  const found = news.map((item) => ({
    ...item,
    deaths: Number(item.deaths) || 0,
    refusals: Number(item.refusals) || 0,
  }));
  return merged(outbox, found);
}

/** The outbox as it is to be found after a reload. */
export function keepsake(outbox) {
  return outbox
    .filter(({ status }) => status !== "stored")
    .map((item) => ({ ...item, status: item.status === "failed" ? "failed" : "waiting" }));
}

export function find(outbox, ref) {
  return outbox.find((item) => item.ref === ref);
}

/** Whether a change was too fast for the server, and is sent again. */
export function isLimited({ status, pace }) {
  return pace !== undefined && status !== "failed";
}

/** Whether a change carries something the person has written. */
export function hasWords({ type }) {
  return type === "message" || type === "edit";
}

/** Whether `later` makes `item` pointless: the last word on the same thing counts. */
function isOvertaken(item, later) {
  if (item.status === "stored" || item.id === undefined || item.id !== later.id) return false;
  if (later.type === "delete") return true;
  return item.type === later.type && item.emoji === later.emoji;
}

/** After a change that was too fast and has arrived, the next one takes its time, too. */
function paced(outbox, { pace } = {}) {
  if (pace === undefined) return outbox;
  const next = outbox.find(({ status }) => status === "waiting" || status === "resting");
  const isNext = (item) => item === next && item.status === "waiting";
  return change(outbox, isNext, { status: "resting", rest: pace, pace });
}

/** Two lists by time; each keeps its own order, whatever the clock has been set to. */
function merged(ours, theirs) {
  const left = [...theirs];
  const all = ours.flatMap((item) => {
    const index = left.findIndex(({ at }) => at > item.at);
    return [...left.splice(0, index < 0 ? left.length : index), item];
  });
  return [...all, ...left];
}

function isSending({ status }) {
  return status === "sending";
}

function isSuspect({ deaths }) {
  return deaths > 0;
}

function change(outbox, isMeant, news) {
  if (!outbox.some(isMeant)) return outbox;
  return outbox.map((item) => (isMeant(item) ? { ...item, ...news } : item));
}

/** Whether something from a storage is a change as we write it. */
function isSound(item) {
  return (
    ["message", "edit", "delete", "react"].includes(item?.type) &&
    ["waiting", "failed"].includes(item.status) &&
    typeof item.ref === "string" &&
    typeof item.room === "string" &&
    Number.isFinite(item.at) &&
    (typeof item.message === "string" || !hasWords(item))
  );
}
