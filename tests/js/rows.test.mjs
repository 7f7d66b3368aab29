import assert from "node:assert/strict";
import { test } from "node:test";

import { rows } from "../../chat/static/chat/js/rows.js";
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
