import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import * as memory from "../../chat/static/chat/js/memory.js";
import { Storage } from "./storage.mjs";

afterEach(() => delete globalThis.localStorage);

// Node has no storage, like a browser that denies it.

test("a name is remembered, even an empty one, and until then there is none", () => {
  assert.equal(memory.recallName(), null);
  memory.rememberName("");
  assert.equal(memory.recallName(), "");
  memory.rememberName("Alice");
  assert.equal(memory.recallName(), "Alice");
});

test("every room has its own draft", () => {
  memory.rememberDraft("lounge", "hel");

  assert.equal(memory.recallDraft("lounge"), "hel");
  assert.equal(memory.recallDraft("lobby"), "");
});

test("an id is made once, of what the server takes, and proven by what the server gave", () => {
  const { id, token } = memory.identity();
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(token, null);
  assert.deepEqual(memory.identity(), { id, token });

  memory.rememberIdentity({ id: "alice", name: "Alice", token: "proof" });
  assert.deepEqual(memory.identity(), { id: "alice", token: "proof" });
});

test("two tabs of one browser are one person", () => {
  globalThis.localStorage = new Storage();
  memory.rememberIdentity({ id: "alice", token: "old proof" });

  // The other tab.
  localStorage.setItem("chat.token", "new proof");

  assert.deepEqual(memory.identity(), { id: "alice", token: "new proof" });
});
