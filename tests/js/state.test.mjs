import assert from "node:assert/strict";
import { test } from "node:test";

import { ENTRIES, PRESENCE_LINES, begin } from "../../chat/static/chat/js/state.js";
import { after, aliceIsIn, joined, left, said, shown, warned } from "./cast.mjs";

const connecting = { type: "connecting" };
const waiting = { type: "waiting", until: 1 };
const history = (...messages) => ({ type: "history", messages });
const sent = (timestamp) => ({ type: "sent", message: `said at ${timestamp}`, timestamp });
const isHidden = (value) => ({ type: "visibility", isHidden: value });

test("Alice is connected once the room speaks to her, not before", () => {
  const page = after(begin("alice"), connecting);

  assert.equal(page.connection.phase, "connecting");
  assert.equal(after(page, warned("no")).connection.phase, "connecting");
  assert.equal(after(page, joined("Alice")).connection.phase, "connected");
});

test("Alice's name is the one the room was told", () => {
  const page = after(begin("alice"), connecting, { ...joined("Alice"), name: "User-alic" }, joined("Bob"));

  assert.equal(page.name, "User-alic");
});

test("the history stands above what came in meanwhile, and nothing twice", () => {
  const page = after(begin("alice"), connecting, joined("Alice"), said("Bob", 3));

  const full = after(page, history(said("Bob", 1), said("Bob", 2), said("Bob", 3)));

  assert.deepEqual(shown(full), [1, 2, "Alice", 3]);
  assert.equal(full.isCaughtUp, true);
});

test("messages are shown in the order of their ids, whatever order they come in", () => {
  const page = after(aliceIsIn(), said("Bob", 5), said("Bob", 4), said("Bob", 5), said("Bob", 6));

  assert.deepEqual(shown(page), ["Alice", 4, 5, 6]);
});

test("what Alice missed while she was away comes in where it belongs", () => {
  const page = after(
    aliceIsIn(),
    said("Bob", 1),
    left("Bob"),
    waiting,
    connecting,
    joined("Alice"),
    said("Bob", 4),
  );

  const full = after(page, history(said("Bob", 1), said("Bob", 2), said("Bob", 3), said("Bob", 4)));

  assert.deepEqual(shown(full), ["Alice", 1, "Bob", 2, 3, "Alice", 4]);
});

test("a history that does not reach back to what was shown replaces it, so no hole is hidden", () => {
  const page = after(aliceIsIn(), said("Bob", 1), waiting, connecting, joined("Alice"), said("Bob", 90));

  const full = after(page, history(said("Bob", 88), said("Bob", 89)));

  assert.deepEqual(shown(full), [88, 89, "Alice", 90]);
});

test("a room that was wiped forgets its old messages, even where the new ones have their ids", () => {
  const page = after(aliceIsIn(), said("Bob", 1), said("Bob", 2), waiting, connecting, joined("Alice"));
  const fresh = said("Bob", 1, { sent_at: "2027-01-01T00:00:00Z" });

  assert.deepEqual(shown(after(page, history())), ["Alice"]);
  assert.deepEqual(after(page, history(fresh)).entries[0].frame, fresh);
});

test("a message keeps its key, so that its line in the page stays the same", () => {
  const page = after(begin("alice"), connecting, joined("Alice"), said("Bob", 2));
  const { key } = page.entries[1];

  const full = after(page, history(said("Bob", 1), said("Bob", 2)));

  assert.equal(full.entries[2].key, key);
  assert.equal(new Set(full.entries.map((entry) => entry.key)).size, 3);
});

test("what Alice said and never heard back is lost when the connection breaks, and only then", () => {
  const page = after(aliceIsIn(), sent("a"), sent("b"), said("Alice", 1, { timestamp: "a" }));
  assert.deepEqual(page.lost, []);

  const broken = after(page, waiting);
  assert.deepEqual(
    broken.lost.map(({ timestamp }) => timestamp),
    ["b"],
  );
  assert.deepEqual(after(broken, { type: "given_back" }).lost, []);
});

test("what Alice said is not lost when the history shows that it arrived", () => {
  const page = after(aliceIsIn(), sent("a"), waiting, connecting, joined("Alice"));

  assert.deepEqual(after(page, history(said("Alice", 1, { timestamp: "a" }))).lost, []);
});

test("where Alice's id was taken, she knows herself by her first message", () => {
  const page = after(aliceIsIn(), sent("a"), said("Alice 2", 1, { sender_id: "another", timestamp: "a" }));

  assert.deepEqual(page.mine, ["alice", "another"]);
  assert.equal(page.name, "Alice 2");
  assert.deepEqual(page.sent, []);
});

test("Bob does not become Alice by repeating her timestamp", () => {
  const page = after(
    aliceIsIn(),
    sent("a"),
    said("Alice", 1, { timestamp: "a" }),
    said("Bob", 2, { timestamp: "a" }),
  );

  assert.deepEqual(page.mine, ["alice"]);
});

test("the reason for a close is what the server said to Alice alone, on this connection", () => {
  const page = after(aliceIsIn(), warned("old news"), waiting, connecting, joined("Alice"));

  assert.equal(after(page, { type: "stopped" }).connection.reason, "");
  assert.equal(
    after(page, warned("banned"), said("Bob", 1), { type: "stopped" }).connection.reason,
    "banned",
  );
});

test("messages count as unread while nobody looks: Bob's, not Alice's, and no notices", () => {
  const page = after(
    aliceIsIn(),
    isHidden(true),
    said("Bob", 1),
    said("Alice", 2),
    joined("Carol"),
    said("Bob", 3),
  );

  assert.equal(page.unread, 2);
  assert.equal(after(page, isHidden(false)).unread, 0);
  assert.equal(after(page, isHidden(false), said("Bob", 4)).unread, 0);
});

test("the history that opens a hidden page is old news, what a reconnect brings is not", () => {
  const opened = after(
    begin("alice"),
    isHidden(true),
    connecting,
    joined("Alice"),
    history(said("Bob", 1)),
  );
  assert.equal(opened.unread, 0);

  const back = after(opened, waiting, connecting, joined("Alice"), history(said("Bob", 1), said("Bob", 2)));
  assert.equal(back.unread, 1);
});

test("the page stays small: the oldest entries go", () => {
  const many = Array.from({ length: ENTRIES + 20 }, (_, index) => said("Bob", index + 1));

  const page = after(aliceIsIn(), ...many);

  assert.equal(page.entries.length, ENTRIES);
  assert.equal(page.entries.at(-1).frame.id, ENTRIES + 20);
});

test("a busy door pushes no talk out", () => {
  const crowd = Array.from({ length: ENTRIES * 2 }, (_, index) => joined(`Guest ${index}`));

  const page = after(aliceIsIn(), said("Bob", 1), ...crowd);

  assert.equal(shown(page)[0], 1);
  assert.equal(page.entries.length, PRESENCE_LINES + 1);
  assert.equal(shown(page).at(-1), `Guest ${ENTRIES * 2 - 1}`);
});

test("an event the page does not know changes nothing", () => {
  const page = aliceIsIn();

  assert.equal(after(page, { type: "typing" }), page);
});
