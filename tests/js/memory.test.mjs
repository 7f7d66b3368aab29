import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import * as memory from "../../chat/static/chat/js/memory.js";
import { Storage } from "./storage.mjs";

afterEach(() => {
  delete globalThis.localStorage;
  delete globalThis.sessionStorage;
});

/** Tabs of one browser: each call goes on in that tab. */
function browser() {
  globalThis.localStorage = new Storage();
  return () => {
    const storage = new Storage();
    return () => void (globalThis.sessionStorage = storage);
  };
}

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

test("two tabs write two drafts, and neither is lost", () => {
  const open = browser();
  const [here, there] = [open(), open()];
  here();
  memory.rememberDraft("den", "mine");
  there();
  memory.rememberDraft("den", "other");

  here();
  assert.equal(memory.recallDraft("den"), "mine");
  // What is sent in one tab takes nothing from the other, nor from whoever comes after it.
  memory.rememberDraft("den", "");
  assert.equal(memory.recallDraft("den"), "");
  there();
  assert.equal(memory.recallDraft("den"), "other");
  open()();
  assert.equal(memory.recallDraft("den"), "other");
});

test("a draft outlives its tab, whoever has written and sent since", () => {
  const open = browser();
  const [here, there, later] = [open(), open(), open()];
  here();
  memory.rememberDraft("den", "mine");
  there();
  memory.rememberDraft("den", "other");
  memory.rememberDraft("den", "");
  here();
  memory.leaveDraft("den");

  later();
  assert.equal(memory.recallDraft("den"), "mine");
  // As the composer does with what it finds, and then when it is sent.
  for (const text of ["mine", ""]) memory.rememberDraft("den", text);
  memory.leaveDraft("den");
  open()();
  assert.equal(memory.recallDraft("den"), "");
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
