import assert from "node:assert/strict";
import { test } from "node:test";

import { isAwaited, isModerator, refOf } from "../../chat/static/chat/js/moderation.js";
import { toolsOf, toolsOn, undoing } from "../../chat/static/chat/js/tools.js";
import { rows } from "../../chat/static/chat/js/rows.js";
import { ack, after, alice, connecting, deleted, error, history, listed, room, said, summary, waiting, welcome } from "./cast.mjs";

const ALL = ["moderate", "ban", "run"];
const MUTE = { type: "sanction", kind: "mute", id: "bob", room: "lounge", minutes: 10 };

/** Alice is a moderator of the lounge, with these rights, and of the site with those. */
function moderating({ here = ALL, site = [], more = {} } = {}, ...messages) {
  const page = after(alice(), connecting, welcome("Alice", { may: site }));
  return after(page, room(9, false, { mode: "open", slow: 0, may: here, ...more }), history(messages));
}

function act(ref, deed, more = {}) {
  return { type: "act", acts: [{ ref, deed, place: "above", name: "Bob", ...more }] };
}

function item(kind, id, more = {}) {
  const said = { sender: "Bob", sender_id: "bob", message: "spam", sent_at: "2026-11-22T09:00:00Z" };
  return { kind, id, room: "lounge", title: "Lounge", ...said, reports: 1, reasons: [], before: [], after: [], ...more };
}

function queue(items, count = items.length, more = {}) {
  return { type: "frame", frame: { type: "queue", items, count, ...more }, at: 0 };
}

/** What Alice has asked for, in short. */
function asked(page) {
  return page.desk.acts.map(({ ref, error }) => (error === undefined ? ref : `${ref}: ${error}`));
}

// Who may do what

test("who may do something anywhere is a moderator, and loads the tools of one", () => {
  assert.equal(isModerator(after(alice(), connecting, welcome(), room(0, false))), false);
  assert.equal(isModerator(moderating({ here: ["run"] })), true);
  assert.equal(isModerator(moderating({ here: [], site: ["ban"] })), true);
});

test("a moderator may do to a person what they may in the room or on the site, and nothing to themselves", () => {
  assert.deepEqual(toolsOn(moderating({ here: ["moderate"] }), "bob"), ["warn", "mute", "unmute", "kick", "purge"]);
  assert.deepEqual(toolsOn(moderating({ here: ["run"], site: ["ban"] }), "bob"), ["ban", "unban"]);
  assert.deepEqual(toolsOn(moderating(), "alice"), []);
  assert.deepEqual(toolsOn(moderating({ here: [] }), "bob"), []);
});

test("a moderator may pin what they have said, and delete what others have", () => {
  const [own, other] = [said("Alice", 1), said("Bob", 2)];
  const page = moderating({ more: { pinned: { id: 2, sender: "Bob", message: "word 2" } } }, own, other);

  assert.deepEqual(toolsOf(page, own), ["pin"]);
  assert.deepEqual(toolsOf(page, other).slice(0, 3), ["unpin", "delete", "warn"]);
  assert.deepEqual(toolsOf(moderating({ here: ["moderate"] }, other), other)[0], "delete");
});

test("what a moderator has removed another may restore; what its author took back stays so", () => {
  const removed = { ...deleted(said("Bob", 1), 2), removed: true };

  const page = moderating({}, removed, deleted(said("Carol", 3), 4));

  assert.deepEqual(toolsOf(page, removed), ["restore"]);
  assert.deepEqual(toolsOf(page, deleted(said("Carol", 3), 4)), []);
  const lines = rows(page).filter(({ kind }) => kind === "message");
  assert.deepEqual(lines.map(({ isRemoved, isRestorable }) => [isRemoved, isRestorable]), [[true, true], [false, false]]);
  const [line] = rows(moderating({ here: [] }, removed)).filter(({ kind }) => kind === "message");
  assert.deepEqual([line.isRemoved, line.isRestorable], [true, false]);
});

test("who becomes a moderator, or is one no longer, hears so with the list of rooms", () => {
  const page = after(moderating({ here: [] }), listed([summary("lounge", { may: ["moderate"] }), summary("attic")]));
  assert.deepEqual(toolsOn(page, "bob"), ["warn", "mute", "unmute", "kick", "purge"]);
  const busy = after(page, { type: "queue", isAnew: true }, queue([item("report", 1)]), act("1", MUTE));

  const resigned = after(busy, listed([summary("lounge"), summary("attic")], { counted: false }));

  assert.equal(isModerator(resigned), false);
  assert.deepEqual([resigned.desk.items, resigned.desk.count, asked(resigned)], [[], null, ["1"]]);
});

// What they do

test("what is done is told, and what takes it back with it", () => {
  const undo = { type: "lift", kind: "mute", id: "bob", room: "lounge" };
  const page = after(moderating(), act("1", MUTE, { undo }), act("2", { type: "warn", id: "bob", reason: "no" }));

  assert.deepEqual(asked(page), ["1", "2"]);
  const done = after(page, ack("1", 5, 0));

  assert.deepEqual(asked(done), ["2"]);
  assert.deepEqual([done.desk.told.deed, done.desk.told.undo, done.desk.told.error], [MUTE, undo, undefined]);
  assert.equal(after(done, ack("1", 5, 0)).desk, done.desk);
});

test("what is refused is told where it was asked for, until it is read or asked for again", () => {
  const page = after(moderating(), act("1", MUTE, { place: "dialog" }), error("forbidden", { ref: "1" }));

  assert.deepEqual(asked(page), ["1: no: forbidden"]);
  assert.deepEqual(asked(after(page, act("2", MUTE, { place: "queue" }))), ["1: no: forbidden", "2"]);
  assert.deepEqual(asked(after(page, act("2", MUTE, { place: "dialog" }))), ["2"]);
  assert.deepEqual(asked(after(page, { type: "acted", place: "dialog" })), []);
  assert.equal(rows(page).length, 0);
});

test("where there is nobody to ask, it is said so at once, and when the line breaks over it", () => {
  assert.deepEqual(asked(after(moderating(), waiting, act("1", MUTE))), ["1: "]);
  assert.deepEqual(asked(after(moderating(), act("1", MUTE), waiting)), ["1: "]);
});

test("what is awaited stays so where a dialog is closed over it, and is then told above", () => {
  const page = after(moderating(), act("1", MUTE, { place: "dialog" }), { type: "acted", place: "dialog" });

  assert.deepEqual(asked(page), ["1"]);
  assert.equal(after(page, ack("1", 5, 0)).desk.told.ref, "1");
  const refused = after(page, error("forbidden", { ref: "1" }));
  assert.deepEqual([refused.desk.told.place, refused.desk.told.error], ["above", "no: forbidden"]);
  // Whom the dialog is about the next time has nothing to do with it.
  assert.equal(refused.desk.acts.some(({ place }) => place === "dialog"), false);
});

test("what is asked for again where its answer was lost is the same, and nothing else is", () => {
  const both = [act("1", { type: "delete", id: 7 }), act("2", MUTE)].flatMap(({ acts }) => acts);
  const page = after(moderating(), { type: "act", acts: both });
  assert.equal(refOf(page.desk, "above", MUTE), undefined);
  assert.equal(isAwaited(page.desk, "above", { ...MUTE }), true);
  assert.equal(isAwaited(page.desk, "dialog", MUTE), false);

  const lost = after(page, waiting);
  assert.deepEqual(asked(lost), ["1: ", "2: "]);
  assert.equal(refOf(lost.desk, "above", { ...MUTE }), "2");
  assert.equal(refOf(lost.desk, "above", { ...MUTE, minutes: 20 }), undefined);
  assert.equal(refOf(lost.desk, "dialog", MUTE), undefined);
  // Both stay known where there is still nobody to ask.
  assert.deepEqual(asked(after(lost, { type: "act", acts: both })), ["1: ", "2: "]);

  const back = after(lost, connecting, welcome(), room(9, true, { may: ALL }), { type: "act", acts: both });
  assert.deepEqual([asked(back), back.desk.told], [["1", "2"], null]);
  assert.deepEqual(asked(after(back, ack("2", 5, 0))), ["1"]);
});

test("what somebody else has done meanwhile is done", () => {
  const decide = { type: "decide", kind: "report", id: 1, accept: true };
  const page = after(moderating(), { type: "queue", isAnew: true }, queue([item("report", 1), item("held", 1)]));
  const late = error("not_found", { ref: "1" });

  const decided = after(page, act("1", decide, { place: "report-1", undo: MUTE }), late);
  assert.deepEqual(decided.desk.items.map(({ kind }) => kind), ["held"]);
  const { isOvertaken, undo, error: why } = decided.desk.told;
  assert.deepEqual([isOvertaken, undo, why, asked(decided)], [true, undefined, undefined, []]);

  assert.deepEqual(asked(after(page, act("1", { type: "delete", id: 7 }), late)), []);
  assert.deepEqual(asked(after(page, act("1", { ...MUTE, type: "lift" }), late)), ["1: no: not_found"]);
});

test("what takes something back is known before it is done", () => {
  const page = moderating({ more: { topic: "tea", slow: 5, pinned: { id: 2, sender: "Bob", message: "x" } } });
  const undo = (deed) => undoing(page, deed);

  assert.deepEqual(undo({ type: "sanction", kind: "ban", id: "bob" }), { type: "lift", kind: "ban", id: "bob", room: undefined });
  assert.equal(undo({ type: "sanction", kind: "kick", id: "bob" }), undefined);
  assert.deepEqual(undo({ type: "delete", id: 7, reason: "no" }), { type: "restore", id: 7 });
  assert.deepEqual(undo({ type: "pin", room: "lounge", id: 7 }), { type: "pin", room: "lounge", id: 2 });
  assert.deepEqual(undo({ type: "run", room: "lounge", slow: 30 }), { type: "run", room: "lounge", slow: 5 });
  assert.deepEqual(undo({ type: "run", room: "lounge", mode: "users", topic: "" }), {
    type: "run", room: "lounge", mode: "open", topic: "tea",
  });
  assert.deepEqual(undo({ type: "decide", kind: "report", id: 7, accept: true }), { type: "restore", id: 7 });
  assert.equal(undo({ type: "decide", kind: "held", id: 7, accept: true }), undefined);
  assert.equal(undo({ type: "purge", id: "bob" }), undefined);
});

// What waits

test("the queue is asked for once at a time, and its pages follow each other", () => {
  const page = after(moderating(), { type: "queue", isAnew: true });
  assert.deepEqual(page.desk.asking, { after: "", limit: 20 });
  assert.equal(after(page, { type: "queue", isAnew: true }), page);

  const first = after(page, queue([item("report", 1)], 2, { next: "x" }), { type: "queue", isAnew: false });
  assert.deepEqual(first.desk.asking, { after: "x", limit: 20 });
  const second = after(first, queue([item("held", 1)], 2));

  assert.deepEqual(second.desk.items.map(({ kind }) => kind), ["report", "held"]);
  assert.deepEqual([second.desk.count, second.desk.next, second.desk.asking], [2, null, null]);
  assert.equal(after(second, { type: "queue", isAnew: false }), second);
});

test("a queue that is asked for anew takes the place of the old one", () => {
  const page = after(moderating(), { type: "queue", isAnew: true }, queue([item("report", 1), item("report", 2)]));

  const anew = after(page, { type: "queue", isAnew: true }, queue([item("report", 2)]));

  assert.deepEqual(anew.desk.items.map(({ id }) => id), [2]);
});

test("what was decided waits no longer; what could not be decided does", () => {
  const decide = { type: "decide", kind: "report", id: 1, accept: true };
  const page = after(moderating(), { type: "queue", isAnew: true }, queue([item("report", 1), item("held", 1)]));
  const asking = after(page, act("1", decide, { place: "report-1" }));

  assert.deepEqual(after(asking, ack("1", 9, 0)).desk.items.map(({ kind }) => kind), ["held"]);
  assert.equal(after(asking, error("internal", { ref: "1" })).desk.items.length, 2);
});

test("how much waits is known whenever that changes, and a queue that does not come is asked for again", () => {
  const page = after(moderating(), { type: "queue", isAnew: true });

  assert.equal(after(page, { type: "frame", frame: { type: "waiting", count: 3 }, at: 0 }).desk.count, 3);
  assert.equal(after(page, error("internal", { command: "queue" })).desk.asking, null);
  assert.equal(after(page, waiting).desk.asking, null);
});
