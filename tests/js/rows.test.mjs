import assert from "node:assert/strict";
import { test } from "node:test";

import { dayName } from "../../chat/static/chat/js/dates.js";
import { reduce } from "../../chat/static/chat/js/reducer.js";
import { rows } from "../../chat/static/chat/js/rows.js";
import { current } from "../../chat/static/chat/js/state.js";
import {
  MINUTE,
  MORNING,
  ack,
  after,
  alice,
  aliceIsIn,
  connecting,
  crowd,
  deleted,
  error,
  history,
  joined,
  left,
  post,
  room,
  said,
  updated,
  welcome,
} from "./cast.mjs";

const at = (minutes) => ({ sent_at: new Date(MORNING + minutes * MINUTE).toISOString() });
const kinds = (page) => rows(page).map(({ kind }) => kind);
const messages = (page) => rows(page).filter(({ kind }) => kind === "message");
const continued = (page) => messages(page).map(({ isContinued }) => isContinued);
const change = (more) => ({ type: "change", change: { room: "lounge", at: MORNING, ref: "r1", ...more } });

test("messages of one author within five minutes stand together", () => {
  const page = aliceIsIn(said("Bob", 1, at(1)), said("Bob", 2, at(5)), said("Bob", 3, at(11)));

  assert.deepEqual(continued(page), [false, true, false]);
});

test("another author, another name or a notice begins anew", () => {
  const page = after(
    aliceIsIn(),
    said("Bob", 1, at(1)),
    said("Alice", 2, at(1)),
    said("Bobby", 3, { ...at(1), sender_id: "alice" }),
    joined("Carol"),
    said("Bobby", 4, { ...at(1), sender_id: "alice" }),
  );

  assert.deepEqual(continued(page), [false, false, false, false]);
});

test("every day begins with a line of its own", () => {
  const nextDay = 24 * 60;
  const page = after(
    aliceIsIn(),
    joined("Alice"),
    said("Bob", 1, at(1)),
    said("Bob", 2, at(nextDay)),
    said("Bob", 3, at(nextDay + 1)),
  );

  assert.deepEqual(kinds(page), ["day", "notice", "message", "day", "message", "message"]);
  assert.deepEqual(continued(page), [false, false, true]);
  assert.equal(new Set(rows(page).map(({ key }) => key)).size, 6);
});

test("who comes and goes and comes again is told of once, until somebody speaks", () => {
  const page = after(
    aliceIsIn(),
    joined("Bob"),
    joined("Carol"),
    left("Bob"),
    joined("Bob"),
    said("Bob", 1),
    left("Bob"),
  );

  const notices = rows(page).filter(({ kind }) => kind === "notice");

  assert.deepEqual(
    notices.map(({ frame }) => `${frame.event} ${frame.name}`),
    ["join Carol", "join Bob", "leave Bob"],
  );
});

test("how many came is no word about anybody, and does not part theirs", () => {
  const page = after(aliceIsIn(), joined("Bob"), crowd(3, 1), left("Bob"), said("Bob", 1), crowd(1, 0));

  const notices = rows(page).filter(({ kind }) => kind === "notice");

  assert.deepEqual(
    notices.map(({ frame }) => frame.event),
    ["crowd", "leave", "crowd"],
  );
});

/** A line in short: who came or went. */
function told({ kind, frame, came, went }) {
  return kind === "presence" ? `+ ${came.names} ${came.others} - ${went.names} ${went.others}` : `${frame.event} ${frame.name ?? ""}`;
}

const comings = (page) => rows(page).filter(({ kind }) => ["notice", "presence"].includes(kind)).map(told);

test("comings and goings in a row are one line from the third on, until somebody speaks", () => {
  const two = after(aliceIsIn(), joined("Bob"), joined("Carol"));
  assert.deepEqual(comings(two), ["join Bob", "join Carol"]);

  const three = after(two, joined("Dave"));
  assert.deepEqual(comings(three), ["+ Bob,Carol,Dave 0 -  0"]);
  const more = after(three, joined("Erin"), left("Frank"), crowd(20, 1));
  assert.deepEqual(comings(more), ["+ Bob,Carol 22 - Frank 1"]);
  assert.equal(rows(more).at(-1).key, rows(three).at(-1).key);

  const spoken = after(more, said("Bob", 1), joined("Gus"));
  assert.deepEqual(comings(spoken), ["+ Bob,Carol 22 - Frank 1", "join Gus"]);
});

test("who goes and is back has not been missed", () => {
  const page = after(aliceIsIn(), left("Bob"), joined("Carol"), joined("Bob"));

  assert.deepEqual(comings(page), ["join Carol"]);
});

test("Alice reads once that she has come, and never that she has come again", () => {
  const page = after(aliceIsIn(), joined("Alice", { online: 1 }), said("Bob", 1), left("Alice", { online: 0 }));

  const back = after(page, joined("Alice", { online: 2 }));

  assert.deepEqual(comings(back), ["join Alice"]);
  assert.equal(current(back).online, 2);
  assert.equal(current(back).roster.members.has("alice"), true);
});

test("the days are those of the server, however wrong the clock of the machine is", () => {
  const dayAhead = { type: "frame", frame: { ...welcome(), at: new Date(MORNING).toISOString() }, at: MORNING + 24 * 60 * MINUTE };
  const page = after(aliceIsIn(said("Bob", 1)), post("r1"));
  const right = reduce(page, dayAhead);
  assert.equal(right.skew, -24 * 60 * MINUTE);

  // The machine says that it is tomorrow, and notes so when something is said.
  const wrong = reduce(right, { ...post("r2"), at: MORNING + 24 * 60 * MINUTE });
  const days = rows(wrong).filter(({ kind }) => kind === "day");
  assert.deepEqual(
    days.slice(0, 1).map(({ at, skew }) => dayName(at, MORNING + 24 * 60 * MINUTE + skew)),
    [dayName(MORNING, MORNING)],
  );
  assert.equal(rows(wrong).at(-1).at, MORNING);

  // A clock that is nearly right stays as it is, and so does one of which nothing is said.
  const nearly = { type: "frame", frame: { type: "pong", at: new Date(MORNING + 9000).toISOString() }, at: MORNING };
  assert.equal(reduce(right, nearly).skew, 0);
  assert.equal(after(right, { type: "pong" }).skew, right.skew);
});

test("what nobody has touched is the same row as before", () => {
  const page = after(aliceIsIn(said("Bob", 1), said("Bob", 2), said("Alice", 3)));
  const more = after(page, said("Carol", 4), updated(said("Alice", 3), 5, { message: "new" }));

  const [before, now] = [messages(page), messages(more)];

  assert.equal(now[0], before[0]);
  assert.equal(now[1], before[1]);
  assert.notEqual(now[2], before[2]);
});

test("a line of the room stays between its messages, and is gone where they are out of sight", () => {
  const page = after(
    alice(),
    connecting,
    welcome(),
    room(9, false),
    history([said("Bob", 9)], true),
    joined("Bob"),
    said("Bob", 10),
  );
  assert.deepEqual(kinds(page), ["day", "message", "notice", "message"]);

  const above = after(page, { type: "seek", id: 2 }, history([said("Bob", 2), said("Bob", 3)], true));
  assert.deepEqual(kinds(above), ["day", "message", "message"]);
});

test("Alice's own messages are hers", () => {
  const page = aliceIsIn(said("Alice", 1), said("Bob", 2));

  assert.deepEqual(
    messages(page).map(({ isOwn }) => isOwn),
    [true, false],
  );
});

test("what Alice says stands at the end at once, and stays the same line when it has arrived", () => {
  const pending = after(aliceIsIn(said("Bob", 1)), post("r1", "hi"));
  const [, before] = messages(pending);
  assert.deepEqual([before.text, before.status, before.isOwn], ["hi", "pending", true]);

  const stored = after(pending, ack("r1", 2));
  const arrived = after(stored, said("Alice", 2, { ref: "r1", message: "hi" }), said("Bob", 3));
  for (const page of [stored, arrived]) {
    const [, now] = messages(page);
    assert.deepEqual([now.key, now.text, now.status], [before.key, "hi", "sent"]);
  }
  assert.equal(messages(arrived).length, 3);
});

test("nobody takes Alice's line by using her ref", () => {
  const page = after(aliceIsIn(), post("r1"), said("Bob", 1, { ref: "r1" }));

  assert.equal(new Set(rows(page).map(({ key }) => key)).size, rows(page).length);
});

test("what failed says why, and waits at the end", () => {
  const page = after(aliceIsIn(), post("r1"), error("empty", { ref: "r1" }), said("Bob", 1));

  const last = messages(page).at(-1);

  assert.deepEqual([last.status, last.reason, last.ref], ["failed", "no: empty", "r1"]);
});

test("of what was too fast the first says so", () => {
  const limited = (page) => messages(page).map(({ isLimited, text }) => isLimited && text).filter(Boolean);
  const slow = (ref) => error("rate_limited", { ref, retry_after: 2 });
  const page = after(aliceIsIn(said("Bob", 1)), post("r1", "one"), post("r2", "two"));
  assert.deepEqual(limited(page), []);

  const held = after(page, slow("r1"), slow("r2"));
  assert.deepEqual(limited(held), ["one"]);
  assert.equal(messages(held)[1].status, "pending");
  assert.deepEqual(kinds(held).includes("notice"), false);
  const liked = after(page, change({ ref: "r0", type: "react", id: 1, emoji: "👍", on: true }), slow("r0"));
  assert.deepEqual(limited(liked), ["word 1"]);
});

test("Alice sees her changes before they have arrived", () => {
  const page = aliceIsIn(updated(said("Alice", 1), 2, { reactions: new Map([["👍", ["bob"]]]) }));
  const row = (...events) => messages(after(page, ...events))[0];

  const edited = row(change({ type: "edit", id: 1, message: "new" }));
  assert.deepEqual([edited.text, edited.status], ["new", "pending"]);
  assert.equal(row(change({ type: "delete", id: 1 })).status, "pending");
  assert.deepEqual(row(change({ type: "react", id: 1, emoji: "👍", on: true })).reactions, new Map([
    ["👍", ["bob", "alice"]],
  ]));
  for (const emoji of ["🎉", "constructor", "__proto__"]) {
    assert.deepEqual(row(change({ type: "react", id: 1, emoji, on: true })).reactions.get(emoji), ["alice"]);
  }
  assert.equal(
    row(change({ type: "edit", id: 1, message: "new" }), error("forbidden", { ref: "r1" })).status,
    "failed",
  );
});

test("a deleted message has no words, not even those on their way", () => {
  const page = after(
    aliceIsIn(said("Alice", 1)),
    deleted(said("Alice", 1), 2),
    change({ type: "edit", id: 1, message: "x" }),
  );

  const [row] = messages(page);

  assert.deepEqual([row.text, row.isDeleted], ["", true]);
});

test("an answer knows what it answers, if that is here", () => {
  const page = aliceIsIn(said("Bob", 1), said("Bob", 2, { reply_to: 1 }), said("Bob", 3, { reply_to: 0 }));

  const [, answer, other] = messages(page);

  assert.equal(answer.original.message, "word 1");
  assert.deepEqual([other.reply_to, other.original], [0, undefined]);
});

const quote = { id: 1, sender: "Bob", sender_id: "bob", message: "word 1" };
const original = (page, id) => messages(page).find((row) => row.id === id)?.original;

test("an answer to what is not here shows what the server quotes, as that stands now", () => {
  const page = after(alice(), connecting, welcome(), room(9, false), history([said("Carol", 9, { reply_to: 1, quote })], true));
  assert.deepEqual(original(page, 9), quote);

  const edited = after(page, updated(said("Bob", 1), 10, { message: `${"😀".repeat(200)}!` }));
  assert.deepEqual(original(edited, 9), { ...quote, message: "😀".repeat(200) });
  const gone = after(edited, deleted(said("Bob", 1), 11));
  assert.deepEqual(original(gone, 9), { id: 1, sender: "Bob", sender_id: "bob" });
  assert.doesNotMatch(JSON.stringify([...gone.rooms]), /😀/);
  assert.equal(original(after(gone, updated(said("Bob", 1), 12)), 9).message, "word 1");
});

test("a page that was on its way when something was deleted does not bring its words back", () => {
  const page = after(alice(), connecting, welcome(), room(9, false), history([said("Carol", 9)], true), { type: "earlier" });

  const gone = after(page, deleted(said("Bob", 1), 10), history([said("Carol", 8, { reply_to: 1, quote })], true));

  assert.equal(original(gone, 8).message, undefined);
  assert.doesNotMatch(JSON.stringify([...gone.rooms]), /word 1"/);
});

test("what is here is shown as it is here, and quoted so when it has moved out of the window", () => {
  const page = after(
    alice(), connecting, welcome(), room(9, false),
    history([said("Bob", 1, { version: 7, message: "new" }), said("Carol", 9, { reply_to: 1, quote })], false),
  );

  assert.equal(original(page, 9).message, "new");
});
