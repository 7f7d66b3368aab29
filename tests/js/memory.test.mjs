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
  memory.rememberDraft("guest", "lounge", "hel");

  assert.equal(memory.recallDraft("guest", "lounge"), "hel");
  assert.equal(memory.recallDraft("guest", "lobby"), "");
});

test("two tabs write two drafts, and neither is lost", () => {
  const open = browser();
  const [here, there] = [open(), open()];
  here();
  memory.rememberDraft("guest", "den", "mine");
  there();
  memory.rememberDraft("guest", "den", "other");

  here();
  assert.equal(memory.recallDraft("guest", "den"), "mine");
  // What is sent in one tab takes nothing from the other, nor from whoever comes after it.
  memory.rememberDraft("guest", "den", "");
  assert.equal(memory.recallDraft("guest", "den"), "");
  there();
  assert.equal(memory.recallDraft("guest", "den"), "other");
  open()();
  assert.equal(memory.recallDraft("guest", "den"), "other");
});

test("a draft outlives its tab, whoever has written and sent since", () => {
  const open = browser();
  const [here, there, later] = [open(), open(), open()];
  here();
  memory.rememberDraft("guest", "den", "mine");
  there();
  memory.rememberDraft("guest", "den", "other");
  memory.rememberDraft("guest", "den", "");
  here();
  memory.leaveDraft("guest", "den");

  later();
  assert.equal(memory.recallDraft("guest", "den"), "mine");
  // As the composer does with what it finds, and then when it is sent.
  for (const text of ["mine", ""]) memory.rememberDraft("guest", "den", text);
  memory.leaveDraft("guest", "den");
  open()();
  assert.equal(memory.recallDraft("guest", "den"), "");
});

test("nobody finds what another was writing, save who was a guest in this tab and has signed in", () => {
  const open = browser();
  const [here, there] = [open(), open()];
  here();
  memory.rememberDraft("account:1", "den", "secret");
  memory.leaveDraft("account:1", "den");
  assert.equal(memory.recallDraft("guest", "den"), "");
  assert.equal(memory.recallDraft("account:2", "den"), "");
  memory.rememberDraft("guest", "den", "half a thought");

  there();
  assert.equal(memory.recallDraft("account:2", "den"), "");
  here();
  assert.equal(memory.recallDraft("account:1", "den"), "secret");
  assert.equal(memory.recallDraft("account:2", "den"), "half a thought");
  assert.equal(memory.recallDraft("guest", "den"), "");
  open()();
  assert.equal(memory.recallDraft("guest", "den"), "");
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

test("what was reported is remembered by every tab, the latest of it, and nothing else is taken for it", () => {
  const open = browser();
  const [here, there] = [open(), open()];
  here();
  memory.rememberReported(new Set(Array.from({ length: 300 }, (_, id) => id)));
  there();
  assert.deepEqual([memory.recallReported().at(0), memory.recallReported().at(-1)], [100, 299]);

  globalThis.localStorage.setItem("chat.reported", '["x", null, 1.5, 7]');
  assert.deepEqual(memory.recallReported(), [7]);
  globalThis.localStorage.setItem("chat.reported", "{");
  assert.deepEqual(memory.recallReported(), []);
});

test("words of the moderators are for whom they were told, in this tab", () => {
  const open = browser();
  const [here, there] = [open(), open()];
  const word = { key: 1, act: "warn", title: "Lounge", reason: "be kind" };
  here();
  memory.rememberWords("guest", [word]);

  assert.deepEqual(memory.recallWords("guest"), [word]);
  assert.deepEqual(memory.recallWords("account:5"), []);
  there();
  assert.deepEqual(memory.recallWords("guest"), []);
  globalThis.sessionStorage.setItem("chat.words.guest", '[1, null, { "key": 2 }]');
  assert.deepEqual(memory.recallWords("guest"), []);
});

test("what is answered, or edited and what it has come to, is remembered for each room of this tab", () => {
  const edit = { kind: "edit", id: 7, author: "Alice", text: "helo", edited: "hello" };
  memory.rememberComposing("guest", "lounge", edit);

  assert.deepEqual(memory.recallComposing("guest", "lounge"), { ...edit, isRecalled: true });
  assert.equal(memory.recallComposing("guest", "lobby"), null);
  assert.equal(memory.recallComposing("account:1", "lounge"), null);

  memory.rememberComposing("guest", "lounge", null);
  assert.equal(memory.recallComposing("guest", "lounge"), null);
});

test("what is no memory of ours is about nothing", () => {
  browser()()();
  for (const found of ["no JSON", "[]", "[{}]", '[{"kind":"edit","id":"1"}]', '[{"kind":"reply","id":1,"text":5}]']) {
    sessionStorage.setItem("chat.composing.guest.den", found);
    assert.equal(memory.recallComposing("guest", "den"), null, found);
  }
});
