import assert from "node:assert/strict";
import { test } from "node:test";

import { Reading } from "../../chat/static/chat/js/reading.js";
import { reduce } from "../../chat/static/chat/js/reducer.js";
import { begin, current, isReader, silence } from "../../chat/static/chat/js/state.js";
import { Store } from "../../chat/static/chat/js/store.js";
import { after, connecting, error, history, listed, post, room, said, shown, summary, welcome } from "./cast.mjs";

const nobody = { type: "welcome", id: "", name: "", role: "guest", token: "" };
const page = begin({ id: "alice", name: null }, "lounge");
const reads = after(page, connecting, nobody, room(1, false, { members: [], online: 0, speak: true }), history([said("Bob", 1)]));
const refused = error("forbidden", { command: "enter", room: "lounge" });

test("who has no name sees the talk, may write in the box, and stays who they will be", () => {
  assert.equal(reads.connection.phase, "connected");
  assert.deepEqual(shown(reads), [1]);
  assert.equal(silence(reads), null);
  assert.ok(isReader(reads));
  assert.equal(reads.me.id, "alice");
});

test("what is said with the name goes out once there is one, and not before", () => {
  const named = after(reads, connecting, { type: "named", name: "Alice" }, post("1"));

  assert.ok(!isReader(named));
  assert.deepEqual(named.outbox.map(({ status }) => status), ["waiting"]);
  const isIn = after(named, welcome(), room(1, true));
  assert.deepEqual([isIn.me.name, isIn.outbox.length, shown(isIn)], ["Alice", 1, [1]]);
});

test("a room that is not for readers shows nothing until there is a name", () => {
  const outside = after(reads, refused);

  assert.ok(current(outside).needsName);
  assert.deepEqual(shown(outside), []);
  assert.equal(outside.connection.phase, "connected");
  assert.ok(!current(after(outside, connecting)).needsName);
});

test("what a reader has read the page alone knows", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const sent = [];
  const store = new Store(reads, reduce);
  new Reading(store, { send: (text) => sent.push(text) });

  store.dispatch({ type: "frame", frame: listed([summary("lounge")]), at: 0 });
  context.mock.timers.tick(1000);

  assert.equal(store.state.list.rooms.get("lounge").read, 1);
  assert.deepEqual(sent, []);
});
