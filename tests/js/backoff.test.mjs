import assert from "node:assert/strict";
import { test } from "node:test";

import { LONGEST, SHORTEST, delay } from "../../chat/static/chat/js/backoff.js";

const attempts = Array.from({ length: 50 }, (_, attempt) => attempt);

test("nobody waits less than the shortest or more than the longest", () => {
  for (const attempt of attempts) {
    assert.equal(delay(attempt, 0), SHORTEST);
    assert.ok(delay(attempt, 0.999999) < LONGEST);
  }
});

test("the longest wait doubles with every attempt, up to the limit", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 50].map((attempt) => delay(attempt, 1)),
    [2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000],
  );
});

test("a crowd spreads over the whole of the time", () => {
  assert.equal(delay(4, 0.5), (SHORTEST + LONGEST) / 2);
});
