import assert from "node:assert/strict";
import { test } from "node:test";

import { sought } from "../../chat/static/chat/js/elements/suggestions.js";

const emoji = { sign: ":", word: /^[\p{L}\p{N}_+-]{2,}$/u, find: () => [] };
const people = { sign: "@", word: /^[^\n@]{0,40}$/u, find: () => [] };
const at = (text, caret = text.length) => {
  const found = sought(text, caret, [emoji, people]);
  return found && [found.source.sign, found.word, found.from];
};

test("a sign that begins a word seeks what completes it", () => {
  assert.deepEqual(at("hello :smi"), [":", "smi", 6]);
  assert.deepEqual(at(":ул"), [":", "ул", 0]);
  assert.deepEqual(at("(@An"), ["@", "An", 1]);
  assert.deepEqual(at("@"), ["@", "", 0]);
  assert.deepEqual(at("👍:ok"), [":", "ok", 2]);
});

test("the caret counts, not the end of the text", () => {
  assert.deepEqual(at(":smile and more", 4), [":", "smi", 0]);
  assert.equal(at(":smile and more"), null);
});

test("the nearest sign counts", () => {
  assert.deepEqual(at("@Anna :sm"), [":", "sm", 6]);
  assert.deepEqual(at(":sm @Anna B"), ["@", "Anna B", 4]);
});

test("what is no beginning of a word seeks nothing", () => {
  for (const text of ["12:30", "at http:ab", "somebody@example", "::ab", "a_@b", ":s", "", "name: ab", "я@б"]) {
    assert.equal(at(text), null, text);
  }
});

test("a word that nobody writes is not looked through", () => {
  assert.equal(at(`:${"a".repeat(100_000)}`), null);
});

test("in code nothing is completed", () => {
  for (const text of ["`a ? :sm", "```\n :root", "x ```js\n@An"]) assert.equal(at(text), null, text);
  for (const text of ["`a` :sm", "```\na\n``` :sm", "it`s\n:sm"]) assert.deepEqual(at(text)?.slice(0, 2), [":", "sm"], text);
});
