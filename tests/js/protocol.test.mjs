import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { command, enter, history, isFinal, parse, ping, reply } from "../../chat/static/chat/js/protocol.js";
import * as cast from "./cast.mjs";

const { ack, deleted, error, joined, position, room, said, updated, welcome } = cast;

test("a frame of the protocol is read as it is", () => {
  const frames = [
    { type: "request_name", v: 2 },
    welcome(),
    room(7, true),
    said("Bob", 1, { ref: "r", reply_to: 3, timestamp: null }),
    updated(said("Bob", 1), 2, { edited_at: "2026-11-22T10:00:00Z", reactions: null }),
    deleted(said("Bob", 1), 2),
    cast.history([said("Bob", 1)]),
    joined("Bob", { online: 2 }),
    cast.notice({ color: "info" }),
    cast.crowd(12, 0, { online: 480 }),
    cast.turnedAway("too_many_connections"),
    ack("r", 1),
    position(7),
    error("internal", { ref: "r", retry_after: 2.5 }),
    { type: "closing", code: 4503, reason: "too late" },
    { type: "pong", n: 1 },
  ];

  for (const frame of frames) assert.deepEqual(parse(JSON.stringify(frame)), [frame]);
  assert.deepEqual(parse(JSON.stringify(frames)), frames);
});

test("who reacted is found by the emoji, whatever it is called", () => {
  const reactions = JSON.parse('{"👍":["alice"],"__proto__":["bob"],"constructor":[]}');
  const frame = updated(said("Bob", 1), 2, { reactions });
  const expected = new Map([["👍", ["alice"]], ["__proto__", ["bob"]], ["constructor", []]]);

  const [alone, { messages }] = parse(JSON.stringify([frame, cast.history([frame])]));

  assert.deepEqual(alone.reactions, expected);
  assert.deepEqual(messages[0].reactions, expected);
});

test("no wait is longer than a timer can wait", () => {
  const [{ retry_after }] = parse(JSON.stringify(error("rate_limited", { retry_after: 1e12 })));

  assert.equal(retry_after, 86_400);
});

test("whatever is no frame of the protocol is passed over, and its neighbours are not", () => {
  const strange = [
    null,
    7,
    [],
    "message",
    {},
    { type: 7 },
    { type: ["message"] },
    { type: "__proto__" },
    { type: "typing", name: "Bob" },
    { type: "message" },
    said("Bob", "1"),
    said("Bob", 1, { version: undefined }),
    said("Bob", 1, { message: { toString: "x" } }),
    said("Bob", 1, { sent_at: "yesterday" }),
    updated(said("Bob", 1), 2, { message: undefined }),
    updated(said("Bob", 1), 2, { reactions: { "👍": "alice" } }),
    room(7, "yes"),
    room(7, true, { members: [null] }),
    cast.history({}),
    { ...joined("Bob"), color: "red; display: none" },
    { ...joined("Bob"), name: undefined },
    cast.crowd(12, undefined),
    cast.crowd("12", 3),
    { ...cast.turnedAway("full"), code: 4504 },
    ack("r", -1),
    { type: "left" },
    error("internal", { retry_after: "soon" }),
  ];

  for (const frame of strange) assert.deepEqual(parse(JSON.stringify(frame)), [], JSON.stringify(frame));
  assert.deepEqual(parse(JSON.stringify([...strange, said("Bob", 1)])), [said("Bob", 1)]);
  for (const text of ["", "{", new Blob(["{}"])]) assert.deepEqual(parse(text), []);
});

test("of a history only the messages are taken", () => {
  const [frame] = parse(
    JSON.stringify(cast.history([said("Bob", 1), { type: "message" }, joined("Bob"), null, said("Bob", 2)])),
  );

  assert.deepEqual(frame.messages, [said("Bob", 1), said("Bob", 2)]);
});

test("what is sent is what the server reads", () => {
  const rooms = { lounge: { epoch: "e1", after: 7 } };
  const item = { ref: "r", room: "lounge", at: 1, status: "waiting", deaths: 0 };
  const sent = [
    [reply({ name: "Алиса", token: null, lang: "ru", rooms }), { name: "Алиса", v: 2, lang: "ru", rooms }],
    [
      command({ ...item, type: "message", message: "hi", timestamp: "now", reply_to: 3 }),
      { type: "message", ref: "r", room: "lounge", message: "hi", timestamp: "now", reply_to: 3 },
    ],
    [
      command({ ...item, type: "edit", id: 1, message: "ho" }),
      { type: "edit", ref: "r", id: 1, message: "ho" },
    ],
    [command({ ...item, type: "delete", id: 1 }), { type: "delete", ref: "r", id: 1 }],
    [
      command({ ...item, type: "react", id: 1, emoji: "👍", on: true }),
      { type: "react", ref: "r", id: 1, emoji: "👍", on: true },
    ],
    [history("lounge", { before: 9 }, 50), { type: "history", room: "lounge", before: 9, limit: 50 }],
    [enter("lounge", rooms.lounge), { type: "enter", room: "lounge", epoch: "e1", after: 7 }],
    [ping(3), { type: "ping", n: 3 }],
  ];

  for (const [text, frame] of sent) assert.deepEqual(JSON.parse(text), frame);
  assert.throws(() => command({ type: "rename" }), TypeError);
});

test("half an emoji is no JSON to the server and does not leave the page", () => {
  const said = (message) => JSON.parse(command({ type: "message", ref: "r", message })).message;

  assert.equal(said("a\ud83d"), "a\ufffd");
  assert.equal(said("👍"), "👍");
  assert.equal(JSON.parse(reply({ name: "a\ud83d" })).name, "a\ufffd");
});

test("a close is final where the document says that it is for the person", () => {
  const document = readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8");
  const closes = [...document.matchAll(/^\| (4\d{3}) \|.*\| ([^|]+) \|$/gm)];
  assert.ok(closes.length >= 8);
  for (const [, code, advice] of closes) {
    assert.equal(isFinal(Number(code)), advice.startsWith("show why"), code);
  }
  assert.deepEqual([1000, 1001, 1006, 1011, 4010, 4011, 4012, 4015].filter(isFinal), []);
});
