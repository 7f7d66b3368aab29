import assert from "node:assert/strict";
import { test } from "node:test";

import { allDiscarded, allRetried, unsent } from "../../chat/static/chat/js/unsent.js";

const item = (ref, more = {}) => ({ type: "message", ref, room: "lounge", at: 1, status: "failed", deaths: 2, refusals: 0, ...more });
const page = (...outbox) => ({ slug: "lounge", outbox });
const states = (outbox) => outbox.map(({ ref, status }) => `${ref} ${status}`);
const MIXED = [
  item("a"),
  item("filtered", { isFiltered: true }),
  item("foreign", { isForeign: true }),
  item("waiting", { status: "waiting" }),
  item("edit", { type: "edit", id: 1 }),
];

test("there is something to be decided for all where one message does not show all of it", () => {
  assert.equal(unsent(page()), null);
  assert.equal(unsent(page(item("a"), item("b", { status: "waiting" }))), null);
  assert.deepEqual(unsent(page(item("a"), item("b"))), { count: 2, retryable: 2, isElsewhere: false });
  assert.deepEqual(unsent(page(item("a", { room: "den" }))), { count: 1, retryable: 1, isElsewhere: true });
  assert.deepEqual(unsent(page(...MIXED)), { count: 3, retryable: 2, isElsewhere: false });
});

test("all are sent again, but for what has to be put otherwise, and what somebody else has written", () => {
  const again = allRetried(MIXED, "guest");

  assert.deepEqual(states(again), ["a waiting", "filtered failed", "foreign failed", "waiting waiting", "edit waiting"]);
  assert.equal(again[0].deaths, 1, "it goes alone");
});

test("all are discarded that are ours", () => {
  assert.deepEqual(states(allDiscarded(MIXED)), ["foreign failed", "waiting waiting"]);
  const nothing = [item("waiting", { status: "waiting" })];
  assert.equal(allDiscarded(nothing), nothing);
});
