import assert from "node:assert/strict";
import { test } from "node:test";

import { emojis, find, named } from "../../chat/static/chat/js/emojis.js";

const english = await emojis("en");
const russian = await emojis("ru");
const found = (all, word) => find(all, word).map(({ emoji }) => emoji.symbol);

test("an emoji is found by any of its names, or a word of one, what begins so before what contains it", () => {
  assert.equal(found(english, "joy")[0], "😂");
  assert.equal(found(english, "+1")[0], "👍");
  const hearts = find(english, "heart").map(({ name }) => name);
  assert.equal(hearts[0], "heart");
  const last = hearts.findLastIndex((name) => name.startsWith("heart"));
  assert.ok(last > 0 && hearts.slice(last + 1).every((name) => name.includes("_heart")), hearts);
  assert.ok(hearts.length > last + 1);
  assert.deepEqual(found(english, "no such thing"), []);
  assert.deepEqual(found(english, " "), []);
});

test("a page in Russian knows both languages, and one in English its own", () => {
  assert.ok(found(russian, "сердц").includes("❤️"));
  assert.equal(found(russian, "Хлопушка")[0], "🎉");
  assert.equal(found(russian, "tada")[0], "🎉");
  assert.equal(find(russian, "алое")[0].name, "алое_сердце");
  assert.deepEqual(found(english, "хлопушка"), []);
  assert.deepEqual(russian.map(({ symbol }) => symbol), english.map(({ symbol }) => symbol));
});

test("a name that is typed whole is one emoji, however its words are joined", () => {
  assert.equal(named(english, "tada")?.symbol, "🎉");
  assert.equal(named(english, "Party-Popper")?.symbol, "🎉");
  assert.equal(named(russian, "зелёное сердце")?.symbol, "💚");
  assert.equal(named(english, "tad"), undefined);
});

test("a flag has the name of its region", () => {
  assert.equal(named(english, "flag_fr")?.symbol, "🇫🇷");
  assert.equal(named(english, "france")?.symbol, "🇫🇷");
  assert.equal(named(russian, "франция")?.symbol, "🇫🇷");
});

test("each stands there once, in a group of the picker, with names that can be typed", () => {
  const groups = ["smileys", "people", "nature", "food", "travel", "activities", "objects", "symbols", "flags"];

  assert.equal(new Set(russian.map(({ symbol }) => symbol)).size, russian.length);
  assert.deepEqual([...new Set(russian.map(({ group }) => group))], groups);
  for (const { symbol, names } of russian) {
    assert.ok(names.length > 1, symbol);
    for (const name of names) assert.match(name, /^[+-]?[\p{L}\p{M}\p{N}_]+$/u, symbol);
  }
});
