import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Shelf } from "../../chat/static/chat/js/shelf.js";
import { Locks, Storage } from "./storage.mjs";

const hello = [{ type: "message", ref: "r1", message: "hello" }];

let storage;
let locks;

beforeEach(() => {
  storage = new Storage();
  locks = new Locks();
});

/** A tab with its shelf, and what it has adopted. */
function open() {
  const tab = locks.tab();
  const shelf = new Shelf({ storage, locks: tab });
  const found = [];
  shelf.adopt((items) => {
    found.push(...items);
    shelf.keep(found);
  });
  return { shelf, found, close: () => tab.close() };
}

test("what a tab has left behind when it was closed, the next one takes over", () => {
  const former = open();
  former.shelf.keep(hello);
  former.close();

  const next = open();

  assert.deepEqual(next.found, hello);
  assert.equal(storage.length, 1);
});

test("while a tab is open, what it keeps is its own", () => {
  const here = open();
  here.shelf.keep(hello);

  const there = open();
  assert.deepEqual(there.found, []);

  here.close();
  assert.deepEqual(there.found, hello);
});

test("of two tabs only one takes over", () => {
  const former = open();
  former.shelf.keep(hello);
  const [one, other] = [open(), open()];

  former.close();

  assert.deepEqual([...one.found, ...other.found], hello);
});

test("an empty outbox leaves nothing behind", () => {
  const { shelf } = open();
  shelf.keep(hello);
  shelf.keep([]);

  assert.equal(storage.length, 0);
});

test("where there are no locks, a page takes over everything it finds", () => {
  new Shelf({ storage, locks: undefined }).keep(hello);
  const found = [];

  new Shelf({ storage, locks: undefined }).adopt((items) => found.push(...items));

  assert.deepEqual(found, hello);
});

test("a broken or forbidden storage does no harm", () => {
  storage.setItem("chat.outbox.broken", "{");
  storage.setItem("chat.outbox.strange", '"x"');

  assert.deepEqual(open().found, []);
  new Shelf({ storage: null, locks: undefined }).keep(hello);
  new Shelf({ storage: null, locks: undefined }).adopt(assert.fail);
});
