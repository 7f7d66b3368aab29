import assert from "node:assert/strict";
import { test } from "node:test";

import { rows } from "../../chat/static/chat/js/rows.js";
import { MINUTE, MORNING, after, aliceIsIn, joined, left, said } from "./cast.mjs";

const at = (minutes) => ({ sent_at: new Date(MORNING + minutes * MINUTE).toISOString() });
const kinds = (page) => rows(page).map(({ kind }) => kind);
const continued = (page) =>
  rows(page)
    .filter(({ kind }) => kind === "message")
    .map(({ isContinued }) => isContinued);

test("messages of one author within five minutes stand together", () => {
  const page = after(aliceIsIn(), said("Bob", 1, at(1)), said("Bob", 2, at(5)), said("Bob", 3, at(11)));

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
    ["join Alice", "join Carol", "join Bob", "leave Bob"],
  );
});

test("Alice's own messages are hers, by whichever id", () => {
  const page = { ...after(aliceIsIn(), said("Alice", 1), said("Bob", 2)), mine: ["alice", "bob"] };

  const own = rows(page).filter(({ isOwn }) => isOwn);

  assert.equal(own.length, 2);
});
