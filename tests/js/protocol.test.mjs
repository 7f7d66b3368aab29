import assert from "node:assert/strict";
import { test } from "node:test";

import { isFinal, parse, parseHistory, post, reply } from "../../chat/static/chat/js/protocol.js";
import { joined, said, warned } from "./cast.mjs";

test("a frame of the protocol is read as it is", () => {
  for (const frame of [{ type: "request_name" }, said("Bob", 1), joined("Bob"), warned("no")]) {
    assert.deepEqual(parse(JSON.stringify(frame)), frame);
  }
});

test("whatever is no frame of the protocol is passed over", () => {
  const strange = [
    "",
    "{",
    "null",
    "7",
    "[]",
    '"message"',
    "{}",
    '{"type":7}',
    '{"type":["message"]}',
    '{"type":"__proto__"}',
    '{"type":"typing","name":"Bob"}',
    '{"type":"message"}',
    JSON.stringify(said("Bob", "1")),
    JSON.stringify(said("Bob", 1, { message: { toString: "x" } })),
    JSON.stringify(said("Bob", 1, { sent_at: "yesterday" })),
    JSON.stringify({ ...joined("Bob"), color: "red; display: none" }),
    JSON.stringify({ ...joined("Bob"), name: undefined }),
  ];

  for (const text of strange) assert.equal(parse(text), null, text);
  assert.equal(parse(new Blob(["{}"])), null);
});

test("of a history only the messages are taken, and of no list nothing at all", () => {
  const answer = [said("Bob", 1), { type: "message" }, joined("Bob"), said("Bob", 2)];

  assert.deepEqual(parseHistory(JSON.stringify(answer)), [answer[0], answer[3]]);
  assert.throws(() => parseHistory("<html>"), TypeError);
});

test("what is sent is what the server reads", () => {
  assert.deepEqual(JSON.parse(reply("Алиса")), { name: "Алиса" });
  assert.deepEqual(JSON.parse(post("hi", "now")), { type: "message", message: "hi", timestamp: "now" });
});

test("half an emoji is no JSON to the server and does not leave the page", () => {
  assert.equal(JSON.parse(post("a\ud83d", null)).message, "a\ufffd");
  assert.equal(JSON.parse(post("👍", null)).message, "👍");
});

test("a ban is final, a restart is not", () => {
  assert.deepEqual([4501, 4502, 4503, 4504, 4505, 4507, 4508].filter(isFinal).length, 7);
  assert.deepEqual([1000, 1001, 1006, 1011, 4010, 4011, 4012, 4015, 4506].filter(isFinal), []);
});
