import assert from "node:assert/strict";
import { test } from "node:test";

import * as outbox from "../../chat/static/chat/js/outbox.js";
import { rows } from "../../chat/static/chat/js/rows.js";
import { current, isShutOut, isSlow, silence } from "../../chat/static/chat/js/state.js";
import {
  MORNING,
  ack,
  after,
  alice,
  aliceIsIn,
  closing,
  connecting,
  deleted,
  described,
  error,
  gone,
  listed,
  moderated,
  post,
  queued,
  room,
  said,
  summary,
  updated,
  waiting,
  welcome,
} from "./cast.mjs";

const SOON = new Date(MORNING + 60_000).toISOString();
const rules = { id: 1, sender: "Bob", message: "word 1" };
const sent = (...refs) => ({ type: "sent", refs });
const stopped = { type: "stopped" };
const due = (page) => outbox.due(page.outbox).map(({ ref }) => ref);
const lines = (page) => rows(page).filter(({ kind }) => kind === "message");
const acts = (page) => page.words.map(({ act }) => act);
const news = (page) => current(page).notices.at(-1).frame.news;
const report = (ref, id) => ({ kind: "deed", ref, deed: { type: "report", id, reason: "spam" } });
const wish = (wanted) => ({ type: "wish", wish: wanted });

// What is pinned

test("what is pinned is shown as it now stands, not while it is deleted, and again when it is restored", () => {
  const [rule, edit] = [said("Bob", 1), updated(said("Bob", 1), 3, { message: "be kind" })];
  const page = after(aliceIsIn(rule, said("Bob", 2)), room(2, true, { pinned: rules }));
  assert.deepEqual(current(page).pinned, rules);

  const edited = after(page, edit);
  const without = after(edited, deleted(rule, 4));
  const restored = after(without, updated(edit, 5));

  assert.equal(current(edited).pinned.message, "be kind");
  assert.equal(current(without).pinned.isGone, true);
  assert.deepEqual(current(restored).pinned, { id: 1, sender: "Bob", message: "be kind" });
});

test("what was pinned before a break and is no longer is gone, and so is what is taken off", () => {
  const page = after(aliceIsIn(said("Bob", 1)), described({ pinned: rules }));
  assert.deepEqual(current(page).pinned, rules);
  assert.deepEqual(current(after(page, described({ title: "Salon" }))).pinned, rules);

  assert.equal(current(after(page, described({ pinned: null }))).pinned, null);
  assert.equal(current(after(page, waiting, connecting, welcome(), room(1, true))).pinned, null);
});

test("a line of the room says that it is slow, or has something pinned, where that is new", () => {
  const page = after(alice(), connecting, welcome(), room(1, true, { title: "Lounge", mode: "open" }));

  const slow = after(page, described({ slow: 30, pinned: null }));
  assert.deepEqual(news(slow), ["slow"]);
  const pinned = after(slow, described({ slow: 30, pinned: rules }));
  assert.deepEqual(news(pinned), ["pinned"]);
  assert.deepEqual(news(after(pinned, described({ slow: 0, pinned: null }))), ["no_slow", "no_pinned"]);
});

// Slow mode

test("in a slow room one waits after what was said, and moderators do not", () => {
  const page = after(alice(), connecting, welcome(), room(0, true, { slow: 30 }));
  assert.equal(isSlow(current(page)), true);

  const waiter = after(page, post("a"), sent("a"), ack("a", 1));
  assert.equal(current(waiter).slowUntil, MORNING + 30_000);

  const moderator = after(page, room(0, true, { slow: 30, may: ["moderate"] }));
  assert.equal(isSlow(current(moderator)), false);
});

test("what is too fast for its room waits there, in its turn, and holds up nothing else", () => {
  const elsewhere = { type: "change", change: { type: "delete", ref: "d", room: "lounge", id: 1, at: 1 } };
  const page = after(aliceIsIn(said("Alice", 1)), post("a"), post("b"), sent("a", "b"));
  const refusal = (ref, seconds) => error("slow_mode", { ref, retry_after: seconds });

  const slow = after(page, refusal("a", 20), refusal("b", 20), post("c"), elsewhere);

  assert.deepEqual(queued(slow), ["a resting", "b resting", "c waiting", "d waiting"]);
  assert.equal(slow.outbox[0].rest, 20);
  assert.equal(current(slow).slowUntil, MORNING + 20_000);
  assert.deepEqual(due(slow), ["d"]);
  assert.deepEqual(due(after(slow, { type: "rested", ref: "b" })), ["d"], "b must not overtake a");
  const rested = after(slow, sent("d"), ack("d", 1, 2), { type: "rested", ref: "a" });
  assert.deepEqual(due(rested), ["a"]);
  assert.deepEqual(due(after(rested, sent("a"), { type: "rested", ref: "b" })), [], "one at a time");
  assert.deepEqual(lines(slow).map(({ isSlowed }) => Boolean(isSlowed)), [false, true, true, false]);
});

test("where a room is slow no longer, or otherwise, what waits there is tried at once", () => {
  const page = after(aliceIsIn(said("Alice", 1)), described({ slow: 300 }), post("a"), post("b"), sent("a", "b"));
  const slow = after(page, error("slow_mode", { ref: "a", retry_after: 300 }), error("slow_mode", { ref: "b", retry_after: 300 }));
  assert.deepEqual(queued(after(slow, described({ slow: 300, topic: "Tea" }))), ["a resting", "b resting"]);

  const fast = after(slow, described({ slow: 0 }));
  assert.deepEqual([due(fast), current(fast).slowUntil], [["a"], 0]);
  assert.deepEqual(due(after(slow, room(1, true, { slow: 5 }))), ["a"]);
});

// Who is muted

test("who is muted reads until when and why, and what they wanted to say rests until that is over", () => {
  const page = after(aliceIsIn(), post("a"), sent("a"));
  const muted = after(page, moderated("mute", { room: "lounge", until: SOON, reason: "spam" }));
  assert.equal(silence(muted), "muted");
  assert.deepEqual(current(muted).muted, { until: SOON, reason: "spam" });

  const refused = after(muted, error("muted", { ref: "a", retry_after: 60 }));
  assert.deepEqual(queued(refused), ["a waiting"]);
  assert.deepEqual(current(refused).muted, { until: SOON, reason: "spam" });

  const other = { type: "unmuted", slug: "lounge", muted: { until: SOON } };
  assert.equal(silence(after(refused, other)), "muted", "that was an older one");
  const over = after(refused, { type: "unmuted", slug: "lounge", muted: current(refused).muted });
  assert.equal(silence(over), null);
  assert.deepEqual(due(over), ["a"]);
  const listed = { ...refused, list: null, rooms: new Map([["lounge", { ...current(refused), maySpeak: false }]]) };
  const again = after(listed, { type: "unmuted", slug: "lounge", muted: current(refused).muted });
  assert.equal(silence(again), null, "that nothing may be said was because of this");
});

test("who is muted on the whole site is so in every room, until they may speak again", () => {
  const page = after(aliceIsIn(), listed([summary("lounge", { read: 1 }), summary("salon", { read: 1 })]));
  const muted = after(page, moderated("mute", { reason: "spam" }));
  assert.deepEqual([...muted.rooms.values()].map(({ muted: one }) => one.reason), ["spam", "spam"]);
  assert.deepEqual(acts(muted), ["mute"]);

  const again = after(muted, moderated("unmute"));
  assert.deepEqual([...again.rooms.values()].map(({ muted: one }) => one), [null, null]);
  assert.deepEqual(acts(again), ["unmute"], "that they were muted need not be read any more");
});

test("who hears of being muted by a refusal alone knows for how long", () => {
  const page = after(aliceIsIn(), post("a"), sent("a"));

  const muted = after(page, error("muted", { ref: "a", retry_after: 60 }));
  const forGood = after(page, error("muted", { ref: "a" }));

  assert.equal(current(muted).muted.until, SOON);
  assert.equal(current(forGood).muted.until, null);
  const typing = error("muted", { command: "typing", room: "lounge", retry_after: 60 });
  assert.equal(silence(after(aliceIsIn(), typing)), "muted");
});

test("the room says at once who is muted there", () => {
  const page = after(alice(), connecting, welcome(), room(0, true, { muted: { until: SOON, reason: "spam" } }));

  assert.equal(silence(page), "muted");
  assert.equal(silence(after(page, room(0, true, { speak: true }))), null);
});

test("where users of the site speak, a guest is told so", () => {
  const users = room(0, true, { mode: "users", speak: false });

  assert.equal(silence(after(alice(), connecting, welcome(), users)), "guests");
  const user = welcome("Alice", { user: true, token: "" });
  assert.equal(silence(after(alice(), connecting, user, { ...users, speak: true })), null);
});

// What is held or filtered

test("what a moderator is to see first waits, over a reload too, and is as any other once it is said", () => {
  const held = after(aliceIsIn(), post("a"), sent("a"), error("held", { ref: "a" }), post("b"));
  assert.deepEqual(queued(held), ["a held", "b waiting"]);
  assert.deepEqual(lines(held).map(({ status }) => status), ["held", "pending"]);
  assert.deepEqual(due(held), ["b"]);

  const kept = JSON.parse(JSON.stringify(outbox.keepsake(held.outbox)));
  const reloaded = after(alice(), { type: "adopted", items: kept, at: MORNING });
  assert.equal(lines(reloaded)[0].status, "held");
  assert.deepEqual(due(reloaded), ["a", "b"], "what has become of it is asked");

  const through = after(held, said("Alice", 1, { ref: "a" }));
  assert.deepEqual(lines(through).map(({ status }) => status), ["sent", "pending"]);
  assert.deepEqual(lines(through)[0].key, "own-a");
});

test("what has become of a held message is asked about on every connection", () => {
  const held = after(aliceIsIn(), post("a"), sent("a"), error("held", { ref: "a" }));

  assert.deepEqual(due(after(held, waiting, connecting)), ["a"]);
});

test("what a moderator has not let through goes, and Alice is told once what it was", () => {
  const held = after(aliceIsIn(), post("a", "buy!"), sent("a"), error("held", { ref: "a" }));

  const told = after(held, moderated("dismiss_held", { reason: "no shops" }));
  assert.deepEqual(due(told), ["a"], "which it was is asked");
  const refused = after(told, sent("a"), error("refused", { ref: "a" }));

  assert.deepEqual(refused.outbox, []);
  assert.deepEqual(lines(refused), []);
  const [word, ...others] = refused.words;
  assert.deepEqual([word.reason, word.text, others], ["no shops", "buy!", []]);
  const elsewhere = after(held, waiting, connecting, sent("a"), error("refused", { ref: "a" }));
  assert.deepEqual(elsewhere.words.map(({ act, text }) => [act, text]), [["dismiss_held", "buy!"]]);
});

test("what a filter stops is to be put otherwise, and an edit stays one", () => {
  const page = after(aliceIsIn(said("Alice", 1)), post("a", "darn"), sent("a"));
  const filtered = after(page, error("filtered", { ref: "a" }));
  const [, line] = lines(filtered);
  assert.deepEqual([line.status, line.isFiltered, line.reason], ["failed", true, "no: filtered"]);

  const revised = after(filtered, { type: "revise", ref: "a" });
  assert.deepEqual([revised.outbox, revised.composing], [[], null]);

  const editing = { type: "compose", composing: { kind: "edit", id: 1 } };
  const edit = after(aliceIsIn(said("Alice", 1)), editing, post("e", "darn"), sent("e"));
  const refused = after(edit, error("filtered", { ref: "e" }));
  assert.equal(lines(refused)[0].isFiltered, true);
  assert.deepEqual(after(refused, { type: "revise", ref: "e" }).composing, { kind: "edit", id: 1 });
});

// What moderators say

test("each word of the moderators stays until it is read", () => {
  const warning = moderated("warn", { room: "lounge", reason: "be kind" });
  const page = after(aliceIsIn(), warning, moderated("accept_report"));
  assert.deepEqual(acts(page), ["warn", "accept_report"]);
  assert.deepEqual(current(page).notices, [], "it is no line of the room");

  assert.deepEqual(acts(after(page, welcome())), ["warn", "accept_report"]);
  assert.deepEqual(acts(after(page, welcome("Bob", { id: "bob" }))), [], "they are for Alice");
  const first = page.words[0].key;
  assert.deepEqual(acts(after(page, { type: "word_read", key: first })), ["accept_report"]);
});

// Reports

test("a message is reported once, and not again", () => {
  const asked = after(aliceIsIn(said("Bob", 1)), wish(report("r", 1)));
  const done = after(asked, { ...ack("r", 7), version: 0 });
  assert.equal(done.wish.isDone, true);
  assert.deepEqual([...done.reported], [1]);
  assert.equal(after(done, { type: "cancel", what: "wish" }).wish, null);

  const before = after(asked, error("already_reported", { ref: "r", command: "report" }));
  assert.deepEqual([before.wish.error, [...before.reported]], ["no: already_reported", [1]]);
});

test("a report that cannot be made is not awaited, and may be made again", () => {
  const asked = after(aliceIsIn(said("Bob", 1)), wish(report("r", 1)));

  assert.equal(after(asked, error("rate_limited", { ref: "r", command: "report" })).wish.error, "no: rate_limited");
  const broken = after(asked, waiting);
  assert.equal(broken.wish.error, "");
  assert.deepEqual([...broken.reported], []);
  const done = after(asked, { ...ack("r", 7), version: 0 });
  assert.equal(after(done, waiting).wish.isDone, true);
});

// Who is shut out

test("who is shut out keeps nothing of the talk, and what they have written", () => {
  const page = after(aliceIsIn(said("Bob", 1)), listed([summary("lounge")]), post("a"));

  const banned = after(page, closing(4501, { retry_after: 86_400 * 30 }), stopped);

  assert.equal(isShutOut(banned), true);
  assert.deepEqual([lines(banned).length, banned.list, banned.people.size], [1, null, 0]);
  assert.deepEqual(queued(banned), ["a waiting"]);
  const { code, reason, notBefore } = banned.connection;
  assert.deepEqual([code, reason, notBefore], ["banned", "closed: 4501", MORNING + 86_400_000 * 30]);
});

test("who comes back finds the latest page", () => {
  const kicked = after(aliceIsIn(said("Bob", 1)), closing(4502, { retry_after: 60 }), stopped);
  assert.equal(kicked.connection.code, "kicked");

  const back = after(kicked, connecting);
  assert.equal(isShutOut(back), false);
  assert.equal(current(back).version, null);
});

test("any other close shuts nobody out", () => {
  const page = after(aliceIsIn(said("Bob", 1)), closing(4506), stopped);

  assert.equal(isShutOut(page), false);
  assert.equal(lines(page).length, 1);
});

test("who is banned from a room finds themselves in the one everybody finds, with a word", () => {
  const rooms = listed([summary("lounge"), summary("salon", { title: "Salon" })]);
  const page = after(aliceIsIn(), rooms, { type: "open", slug: "salon" });

  const why = error("banned", { command: "enter", room: "salon" });
  const told = [after(page, gone("salon"), why), after(page, why), after(aliceIsIn(), rooms, why)];

  for (const { slug, note } of told) assert.deepEqual([slug, note.kind, note.name], ["lounge", "banned", "Salon"]);
  assert.equal(after(told[0], rooms).note, null, "it is there again");
  const { note } = after(page, gone("salon"), { ...why, retry_after: 60 });
  assert.deepEqual([note.kind, note.name, note.until], ["out", "Salon", MORNING + 60_000]);
});

// Who moderates

test("what Alice may do as a moderator is known of the site and of each room", () => {
  const moderator = welcome("Alice", { may: ["moderate"] });
  const page = after(alice(), connecting, moderator, room(0, true, { may: ["moderate", "ban", "run"] }));

  assert.deepEqual([page.may, current(page).may], [["moderate"], ["moderate", "ban", "run"]]);
  const left = after(page, welcome(), room(0, true));
  assert.deepEqual([left.may, current(left).may], [[], []]);
});
