import assert from "node:assert/strict";
import { test } from "node:test";

import { initial, isBlank, isLong, length, stepOf } from "../../chat/static/chat/js/text.js";

test("a message is as long as the server says", () => {
  assert.equal(length("Алиса"), 5);
  assert.equal(length("👍"), 1);
  assert.equal(length("👩‍💻"), 3);
});

test("a message with nothing to read is blank", () => {
  for (const text of ["", " \n\t", "\u200b\u200d", "\u3164", "\u2800", "\u00a0"])
    assert.equal(isBlank(text), true);
  for (const text of [".", "a", "👍", "ㅤa"]) assert.equal(isBlank(text), false);
});

test("a message of many lines or many characters is long", () => {
  for (const text of ["", "line\n".repeat(14), "x".repeat(1000)]) assert.equal(isLong(text), false);
  for (const text of ["line\n".repeat(15), "\n".repeat(15), "x".repeat(1001)]) assert.equal(isLong(text), true);
});

test("one character stands for a name, whole", () => {
  assert.equal(initial("алиса"), "А");
  assert.equal(initial("👩‍💻 Carol"), "👩‍💻");
  assert.equal(initial(""), "");
});

test("what is left is said at a few steps, and what is too much", () => {
  assert.deepEqual([4000, 201, 200, 150, 100, 11, 10, 1, 0, -1, -5000].map(stepOf), [null, null, 200, 200, 100, 20, 10, 10, 0, -1, -1]);
});
