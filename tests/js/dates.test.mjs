import assert from "node:assert/strict";
import { test } from "node:test";

import { dayName } from "../../chat/static/chat/js/dates.js";

const noon = (day) => new Date(2026, 10, day, 12).getTime();

test("a day is called as people call it", () => {
  assert.equal(dayName(noon(22), noon(22)), "Today");
  assert.equal(dayName(noon(21), new Date(2026, 10, 22, 0, 1)), "Yesterday");
  assert.equal(dayName(noon(19), noon(22)), "Thursday, November 19");
  assert.equal(dayName(noon(-400), noon(22)), "September 26, 2025");
});
