import assert from "node:assert/strict";
import { test } from "node:test";

import * as outbox from "../../chat/static/chat/js/outbox.js";
import { ack, error, queued } from "./cast.mjs";

const DAY = 24 * 3600 * 1000;
/** The last moment at which what was asked for at 0 is sent by itself. */
const NOW = outbox.KEPT_DAYS * DAY - 1;
const message = (ref, at = 0) => ({ type: "message", ref, room: "lounge", message: `word ${ref}`, at });
const edit = (ref, id, text) => ({ type: "edit", ref, room: "lounge", id, message: text, at: 0 });
const react = (ref, on) => ({ type: "react", ref, room: "lounge", id: 1, emoji: "👍", on, at: 0 });
const remove = (ref, id) => ({ type: "delete", ref, room: "lounge", id, at: 0 });
const filled = (...changes) => changes.reduce(outbox.add, []);
const refs = (items) => items.map(({ ref }) => ref);
const states = (items) => queued({ outbox: items });
/** One connection that dies while all that was due was on its way. */
const died = (items) => outbox.interrupted(outbox.sent(items, refs(outbox.due(items))));

test("what was asked for goes out in order, each once", () => {
  const items = filled(message("a"), message("b"));
  assert.deepEqual(refs(outbox.due(items)), ["a", "b"]);

  assert.deepEqual(outbox.due(outbox.sent(items, ["a", "b"])), []);
});

test("there is a limit to what is on its way at once", () => {
  const items = filled(...Array.from({ length: 100 }, (_, index) => message(`r${index}`)));

  assert.equal(outbox.due(items).length, outbox.IN_FLIGHT);
});

test("after we have hung up, everything goes out again with the refs it had", () => {
  const items = outbox.sent(filled(message("a"), message("b")), ["a", "b"]);

  const again = outbox.recalled(items);

  assert.deepEqual(refs(outbox.due(again)), ["a", "b"]);
  assert.equal(outbox.interrupted(again), again);
});

test("whatever a connection died over goes alone, and the second death is its own", () => {
  let items = died(filled(message("a"), message("b"), message("c")));
  assert.deepEqual(refs(outbox.due(items)), ["a"]);
  assert.deepEqual(outbox.due(outbox.sent(items, ["a"])), []);

  items = outbox.heard(outbox.sent(items, ["a"]), "a");
  items = died(items);
  assert.deepEqual(states(items), ["b failed", "c waiting"]);
  assert.deepEqual(refs(outbox.due(items)), ["c"]);

  items = outbox.add(outbox.heard(items, "c"), message("d"));
  assert.deepEqual(refs(outbox.due(items)), ["d"]);
});

test("what failed may be tried again, alone, and fails at the next death", () => {
  const failed = died(died(filled(message("a"))));
  assert.deepEqual(states(failed), ["a failed"]);
  assert.equal(failed[0].reason, null);

  const again = outbox.retried(failed, "a");
  assert.deepEqual(states(again), ["a waiting"]);
  assert.deepEqual(states(died(again)), ["a failed"]);
  assert.deepEqual(outbox.discarded(failed, "a"), []);
});

test("a server that cannot just now is asked again after a rest, but not for ever", () => {
  let items = filled(message("a"), message("b"));
  const refuse = (ref) => outbox.refused(items, error("internal", { ref, retry_after: 3 }));

  for (let refusals = 1; refusals < outbox.REFUSALS; refusals++) {
    items = outbox.sent(items, refs(outbox.due(items)));
    items = refuse("a");
    assert.equal(items[0].rest, 3);
    assert.deepEqual(outbox.due(outbox.recalled(items)), [], "b must not overtake a");
    items = outbox.rested(items, "a");
  }

  items = refuse("a");
  assert.deepEqual(states(items)[0], "a failed");
  assert.equal(items[0].reason, "no: internal");
  assert.deepEqual(refs(outbox.due(outbox.recalled(items))), ["b"]);
});

test("who is too fast is sent again as often as needed, and nothing overtakes it", () => {
  let items = filled(message("a"), message("b"), react("c", true));
  for (let times = 1; times < 20; times++) {
    items = outbox.sent(items, refs(outbox.due(items)));
    items = outbox.refused(items, error("rate_limited", { ref: "a", retry_after: 2.4 }));
    assert.equal(items[0].rest, 2.4);
    items = outbox.recalled(items);
    assert.deepEqual(outbox.due(items), []);
    items = outbox.rested(items, "a");
    assert.deepEqual(refs(outbox.due(items)), ["a"], "one by one from now on");
  }

  assert.deepEqual(states(items), ["a waiting", "b waiting", "c waiting"]);
});

test("after one that was too fast the next ones keep the pace, until the queue is empty", () => {
  const refuse = (items, ref, retry_after) => outbox.refused(items, error("rate_limited", { ref, retry_after }));
  const deliver = (items, ref, id) => outbox.heard(outbox.acknowledged(items, ack(ref, id)), ref);
  let items = outbox.sent(filled(message("a"), message("b"), message("c")), ["a", "b", "c"]);
  for (const ref of ["a", "b", "c"]) items = refuse(items, ref, 0.5);
  items = ["a", "b", "c"].reduce(outbox.rested, items);
  assert.deepEqual(refs(outbox.due(items)), ["a"]);

  items = deliver(outbox.sent(items, ["a"]), "a", 1);
  assert.deepEqual(states(items), ["b resting", "c waiting"]);
  assert.equal(items[0].rest, 0.5);
  items = refuse(outbox.sent(outbox.rested(items, "b"), ["b"]), "b", 60);
  assert.equal(items[0].rest, 60);
  items = deliver(outbox.sent(outbox.rested(items, "b"), ["b"]), "b", 2);
  assert.equal(items[0].rest, outbox.PACE);

  items = deliver(outbox.sent(outbox.rested(items, "c"), ["c"]), "c", 3);
  items = outbox.add(outbox.add(items, message("d")), message("e"));
  assert.deepEqual(refs(outbox.due(items)), ["d", "e"]);
});

test("words that are refused wait for the person; a reaction or a deletion is forgotten", () => {
  const items = filled(message("a"), edit("b", 1, "x"), react("c", true), remove("d", 2));
  const left = ["a", "b", "c", "d"].reduce(
    (all, ref) => outbox.refused(all, error("not_found", { ref })),
    items,
  );

  assert.deepEqual(states(left), ["a failed", "b failed"]);
});

test("what is acknowledged stays until the room has told it", () => {
  const items = outbox.acknowledged(outbox.sent(filled(message("a")), ["a"]), ack("a", 5, 9));

  assert.deepEqual(states(items), ["a stored"]);
  assert.equal(outbox.shown(items, "lounge", 8), items);
  assert.equal(outbox.shown(items, "lobby", 9), items);
  assert.deepEqual(outbox.shown(items, "lounge", 9), []);
  assert.deepEqual(outbox.due(outbox.recalled(items)), []);
});

test("the last word on the same thing counts", () => {
  assert.deepEqual(refs(filled(edit("a", 1, "x"), edit("b", 2, "y"), edit("c", 1, "z"))), ["b", "c"]);
  assert.deepEqual(refs(filled(react("a", true), react("b", false))), ["b"]);
  assert.deepEqual(refs(filled(edit("a", 1, "x"), react("b", true), remove("c", 1))), ["c"]);
  assert.deepEqual(refs(filled(message("a"), message("b"))), ["a", "b"]);
});

test("an edit on its way that fails does not come back over a later one", () => {
  const items = outbox.add(outbox.sent(filled(edit("a", 1, "x")), ["a"]), edit("b", 1, "y"));
  assert.deepEqual(refs(items), ["a", "b"]);

  assert.deepEqual(refs(outbox.refused(items, error("internal", { ref: "a" }))), ["b"]);
});

test("after a reload everything is there that was not acknowledged", () => {
  let items = filled(message("a"), message("b"), message("c"));
  items = outbox.refused(items, error("empty", { ref: "a" }));
  items = outbox.acknowledged(items, ack("b", 1));
  items = outbox.sent(items, ["c"]);

  const kept = JSON.parse(JSON.stringify(outbox.keepsake(items)));

  assert.deepEqual(states(kept), ["a failed", "c waiting"]);
  assert.deepEqual(states(outbox.adopted([], kept, NOW)), ["a failed", "c waiting"]);
});

test("what was said in turn stays in turn, though the clock was set back", () => {
  const items = filled(message("a", 7200), message("c", 3600));
  const others = [
    { ...message("b", 5000), status: "waiting" },
    { ...message("d", 4000), status: "waiting" },
  ];

  const all = refs(outbox.adopted(items, others, NOW));

  assert.ok(all.indexOf("a") < all.indexOf("c"));
  assert.ok(all.indexOf("b") < all.indexOf("d"));
});

test("what a tab has left long ago is not sent by itself, and words wait for the person", () => {
  const left = [message("a", 1), edit("b", 1, "x"), react("c", true), remove("d", 2), message("e", DAY)];
  const others = left.map((item) => ({ ...item, status: "waiting" }));

  const all = outbox.adopted([], others, NOW + DAY + 1);

  assert.deepEqual(states(all), ["a failed", "b failed", "e failed"]);
  assert.deepEqual(states(outbox.adopted([], others, NOW + DAY)), ["a failed", "b failed", "e waiting"]);
  assert.deepEqual(states(outbox.retried(all, "a")), ["a waiting", "b failed", "e failed"]);
});

test("what another tab has left takes its place by time, once, and only if it is sound", () => {
  const items = filled(message("b", 2));
  const others = [
    { ...message("a", 1), status: "waiting" },
    { ...message("c", 3), status: "waiting" },
    { ...message("b", 2), status: "waiting" },
    { ref: "x" },
    null,
    { ...message("y", 1), status: "waiting", message: 7 },
  ];

  const all = outbox.adopted(items, others, NOW);

  assert.deepEqual(refs(all), ["a", "b", "c"]);
  assert.deepEqual(refs(outbox.due(all)), ["a", "b", "c"]);
  assert.equal(outbox.adopted(items, [null], NOW), items);
});
