import assert from "node:assert/strict";
import { test } from "node:test";

import { pieces } from "../../chat/static/chat/js/mentioned.js";
import { matching, mentionable } from "../../chat/static/chat/js/mentions.js";
import { rows } from "../../chat/static/chat/js/rows.js";
import { after, aliceIsIn, joined, renamed, said, updated } from "./cast.mjs";

const names = (people) => people.map(({ name }) => name);
const marked = (text, ...people) => pieces(text, people).map(({ text: piece, isMention }) => (isMention ? `[${piece}]` : piece));

test("who spoke last is offered first, then whoever is here, and never oneself", () => {
  const page = after(aliceIsIn(said("Bob", 1), said("Alice", 2), said("Carol", 3), said("Bob", 4)), joined("Dan"), joined("Ann"));

  assert.deepEqual(names(mentionable(page)), ["Bob", "Carol", "Ann", "Dan"]);
  assert.deepEqual(names(mentionable(after(page, joined("Bob"), renamed("bob", "Robert")))), ["Robert", "Carol", "Ann", "Dan"]);
});

test("a name is found by its beginning, or that of a word of it, in whatever case and accents", () => {
  const people = ["Maria Anna", "Ánna", "Joanna", "Йод"].map((name) => ({ name }));

  assert.deepEqual(names(matching(people, "an")), ["Ánna", "Maria Anna"]);
  assert.deepEqual(names(matching(people, "йо")), ["Йод"]);
  assert.deepEqual(names(matching(people, "maria a")), ["Maria Anna"]);
  assert.equal(matching(people, "").length, 4);
});

test("names are marked behind the sign alone, the longest first", () => {
  assert.deepEqual(marked("Hi @anna, Anna!", "Anna"), ["Hi ", "[@anna]", ", Anna!"]);
  assert.deepEqual(marked("@Anna Maria @Anna", "Anna", "Anna Maria"), ["[@Anna Maria]", " ", "[@Anna]"]);
  assert.deepEqual(marked("a@Anna @Annabel", "Anna"), ["a@Anna @Annabel"]);
  assert.deepEqual(marked("@@@", "Anna"), ["@@@"]);
  assert.deepEqual(marked("", "Anna"), []);
});

test("a line says whom it mentions, and whether that is us", () => {
  const first = said("Bob", 1, { mentions: ["alice", "bob", "nobody"] });
  const last = (page) => rows(page).at(-1);
  const page = aliceIsIn(first);

  assert.equal(last(page).mentioned, "Alice\nBob");
  assert.equal(last(page).isForMe, true);
  assert.equal(last(after(page, updated(first, 2, { mentions: ["bob"] }))).isForMe, false);
  assert.equal(last(aliceIsIn(said("Alice", 1, { mentions: ["alice"] }))).isForMe, false);
});
