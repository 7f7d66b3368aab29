import assert from "node:assert/strict";
import { test } from "node:test";

import {
  clientId,
  recallDraft,
  recallName,
  rememberDraft,
  rememberName,
} from "../../chat/static/chat/js/memory.js";

// Node has no storage, like a browser that denies it.

test("a name is remembered, even an empty one, and until then there is none", () => {
  assert.equal(recallName(), null);
  rememberName("");
  assert.equal(recallName(), "");
  rememberName("Alice");
  assert.equal(recallName(), "Alice");
});

test("every room has its own draft", () => {
  rememberDraft("lounge", "hel");

  assert.equal(recallDraft("lounge"), "hel");
  assert.equal(recallDraft("lobby"), "");
});

test("an id is made once, of what the server takes", () => {
  assert.match(clientId(), /^[0-9a-f]{32}$/);
  assert.equal(clientId(), clientId());
});
