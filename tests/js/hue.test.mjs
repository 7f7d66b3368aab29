import assert from "node:assert/strict";
import { test } from "node:test";

import { hue } from "../../chat/static/chat/js/hue.js";

test("an id has one hue for ever, and another id most likely another", () => {
  const hues = new Set(Array.from({ length: 100 }, (_, index) => hue(`guest${index}`)));

  assert.equal(hue("alice"), hue("alice"));
  assert.ok(hues.size > 60, `${hues.size}`);
  for (const found of hues) assert.ok(found >= 0 && found < 360);
});
