import assert from "node:assert/strict";
import { test } from "node:test";

import { Arrival, MOST } from "../../chat/static/chat/js/arrival.js";
import * as opening from "../../chat/static/chat/js/opening.js";
import { reduce } from "../../chat/static/chat/js/reducer.js";
import { begin } from "../../chat/static/chat/js/state.js";
import { Store } from "../../chat/static/chat/js/store.js";
import { closing, connecting, error, history, isFrame, joined, listed, room, said, shown, summary } from "./cast.mjs";
import { waiting, welcome, welcomeUser } from "./cast.mjs";

const asked = { type: "request_name", guests: "speak" };
const nobody = { type: "welcome", id: "", name: "", role: "guest", token: "" };
const page = history([said("Bob", 1), said("Alice", 2)], true);

/** What comes of the same under one rule and under the other. */
function both(state, ...events) {
  return [opening.reduce, reduce].map((rule) => events.map(asEvent).reduce(rule, state));
}

function asEvent(event) {
  return isFrame(event) ? { type: "frame", frame: event, at: Date.parse("2026-11-22T09:00:00Z") } : event;
}

test("until the rest is there, what is heard is what all of the page would make of it", () => {
  const alice = begin({ id: "alice", name: "Alice" }, "lounge");
  const user = begin({ id: "", name: null, isUser: true, account: "7" }, "lounge");
  const late = { at: "2026-11-22T10:00:00Z" };
  for (const [state, who] of [[alice, welcome("Alice", late)], [alice, nobody], [user, welcomeUser()], [user, welcome()]]) {
    const told = [connecting, asked, who, room(2, false, { title: "Lounge", topic: "Tea" }), page];
    const again = [connecting, { ...asked, user: "7" }, who, room(2, true)];
    for (const events of [told, [...told, waiting], [...told, ...again], [...told, ...again.with(3, room(3, false)), page]]) {
      const [first, whole] = both(state, ...events);
      assert.deepEqual(first, whole);
    }
  }
});

/** A socket of which the test is the server. */
class Line extends EventTarget {
  sent = [];
  heeded = [];
  send = (text) => this.sent.push(JSON.parse(text)) > 0;
  heed = (frame) => this.heeded.push(frame.code);
  drop = () => this.tells("waiting", 1000);

  says(...frames) {
    this.tells("frame", JSON.stringify(frames.length === 1 ? frames[0] : frames));
  }

  tells(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

test("what is told once the talk stands there waits in its order, and so does what only the rest understands", (t) => {
  globalThis.document = { documentElement: { lang: "en" } };
  t.after(() => delete globalThis.document);
  const store = new Store(begin({ id: "alice", name: "Alice" }, "lounge"), opening.reduce);
  const line = new Line();
  const arrival = new Arrival(store, line);
  let stuck = 0;
  arrival.whenStuck(() => stuck++);
  const rooms = listed([summary("lounge")]);

  line.tells("connecting");
  line.says(asked);
  line.says(welcome());
  line.says(rooms);
  line.says(joined("Alice"), room(2, false), page, said("Bob", 3));
  line.says(room(9, false), closing(1012));

  assert.deepEqual(shown(store.state), [1, 2]);
  assert.deepEqual(line.sent.map(({ type }) => type ?? "reply"), ["reply", "rooms"]);
  assert.deepEqual(line.heeded, [1012], "the line is closed before the rest is there");
  const begun = arrival.end();
  assert.deepEqual(begun.frames.map(({ type }) => type), ["rooms", "notification", "message", "room", "closing"]);
  assert.ok(begun.hasRooms);
  assert.equal(stuck, 0);
  line.says(said("Bob", 4));
  line.tells("stopped");
  assert.deepEqual([begun.frames.length, begun.isStopped, stuck], [5, false, 0], "somebody else listens now");
});

test("where only the rest can say what is the matter, it comes at once; another line tells all anew", (t) => {
  globalThis.document = { documentElement: { lang: "en" } };
  t.after(() => delete globalThis.document);
  const store = new Store(begin({ id: "alice", name: "Alice" }, "lounge"), opening.reduce);
  const line = new Line();
  const arrival = new Arrival(store, line);
  let stuck = 0;
  arrival.whenStuck(() => stuck++);

  line.says(error("forbidden", { command: "enter", room: "lounge" }));
  assert.equal(stuck, 1);
  line.tells("waiting", 1000);
  assert.equal(store.state.connection.phase, "waiting");
  line.tells("connecting");
  line.tells("stopped");

  assert.equal(stuck, 2);
  assert.deepEqual(arrival.end(), { frames: [], isStopped: true, hasRooms: false });
});

test("what waits does not grow for ever: the line is dropped, and the latest page asked for anew", () => {
  const store = new Store(begin({ id: "alice", name: "Alice" }, "lounge"), opening.reduce);
  const line = new Line();
  const arrival = new Arrival(store, line);
  line.tells("connecting");

  line.says(...Array.from({ length: MOST }, (_, index) => said("Bob", index)));
  assert.equal(store.state.connection.phase, "connecting");
  line.says(said("Bob", MOST));

  assert.equal(store.state.connection.phase, "waiting");
  assert.deepEqual(arrival.end().frames, []);
});
