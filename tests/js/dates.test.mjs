import assert from "node:assert/strict";
import { test } from "node:test";

import { countdown, dayName, duration, moment } from "../../chat/static/chat/js/dates.js";

const noon = (day) => new Date(2026, 10, day, 12).getTime();

test("a day is called as people call it", () => {
  assert.equal(dayName(noon(22), noon(22)), "Today");
  assert.equal(dayName(noon(21), new Date(2026, 10, 22, 0, 1)), "Yesterday");
  assert.equal(dayName(noon(19), noon(22)), "Thursday, November 19");
  assert.equal(dayName(noon(-400), noon(22)), "September 26, 2025");
});

test("a moment to come has its day where that is another one", () => {
  const today = new Date(2026, 10, 22, 14, 5).getTime();
  assert.match(moment(today, noon(22)), /^2:05\sPM$/);
  assert.match(moment(today, noon(21)), /^Nov 22, 2026, 2:05\sPM$/);
});

test("what is left to wait is told as a clock would, and never less than nothing", () => {
  assert.deepEqual([27, 65.2, 3723, 0, -5].map(countdown), ["0:27", "1:06", "1:02:03", "0:00", "0:00"]);
});

test("how long one waits is told in the largest unit that fits", () => {
  assert.deepEqual([30, 90, 300, 7200].map(duration), ["30\u00a0sec", "90\u00a0sec", "5\u00a0min", "2\u00a0hr"]);
});
