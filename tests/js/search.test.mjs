import assert from "node:assert/strict";
import { test } from "node:test";

import { current } from "../../chat/static/chat/js/state.js";
import { after, aliceIsIn, deleted, error, gone, history, listed, room, said, shown, summary, updated } from "./cast.mjs";
import { excerpt } from "../../chat/static/chat/js/search-words.js";

/** @type {(text: string, question: string) => string} */
const marked = (text, question) =>
  excerpt(text, question).map(({ text, isMarked }) => (isMarked ? `[${text}]` : text)).join("");

test("the words that were asked for are marked, in whatever form they stand", () => {
  assert.equal(marked("Новые чайники, старый чайник", "чайником"), "Новые [чайники], старый [чайник]");
  assert.equal(marked("He was running home", "run"), "He was [running] home");
  assert.equal(marked("под ёлкой", "елка"), "под [ёлкой]");
  assert.equal(marked("йод и иод", "йод"), "[йод] и иод");
  assert.equal(marked("nothing here", "tea"), "nothing here");
  assert.equal(marked("tea & <b>tea</b>", "TEA"), "[tea] & <b>[tea]</b>");
});

test("of a long text the part with the first of them is shown, in whole words", () => {
  const text = `${"слово ".repeat(100)}чайник${" слово".repeat(100)}`;
  const shown = marked(text, "чайник");
  assert.match(shown, /^…слово .* \[чайник\] .* слово…$/);
  assert.ok(shown.length < 180);
  assert.equal(marked("x".repeat(500), "y").length, 161);
  assert.ok(!/[\ud800-\udbff]…$/.test(marked("😀".repeat(300), "y")));
  assert.ok(!/[\ud800-\udbff]…$/.test(marked(`a${"😀".repeat(300)}`, "y")));
});

const search = (q, room = null) => ({ type: "search", q, room });
const found = (messages, more = {}) => ({ type: "found", q: "word", messages, more: false, ...more });
const ids = (page) => page.search.messages.map(({ id }) => id);

test("what was found is added to, as long as there is more", () => {
  const asked = after(aliceIsIn(), search("word"));
  assert.equal(asked.search.isAwaited, true);
  const page = after(asked, found([said("Bob", 9)], { more: true, before: 9 }));
  assert.deepEqual([ids(page), page.search.isAwaited, page.search.more], [[9], false, true]);

  const on = after(page, { type: "search_on" });
  assert.deepEqual(on.search.sent, { before: 9 });
  assert.deepEqual(ids(after(on, found([said("Bob", 3)]))), [9, 3]);
});

test("the answer to another question is passed over", () => {
  const page = after(aliceIsIn(), search("word"), search("tea"), found([said("Bob", 9)]));
  assert.deepEqual([ids(page), page.search.isAwaited], [[], true]);
});

test("a refusal is shown, and a search without a connection says so", () => {
  const refused = after(aliceIsIn(), search("word"), error("rate_limited", { ref: undefined, command: "search" }));
  assert.equal(refused.search.isAwaited, false);
  assert.ok(refused.search.error);
  const broken = after(aliceIsIn(), search("word"), { type: "connecting" });
  assert.equal(broken.search.error, "");
  assert.equal(after(broken, search("word")).search.error, "");
});

test("what is deleted goes from what was found, and what is edited stands there as it is", () => {
  const page = after(aliceIsIn(), search("word"), found([said("Bob", 9), said("Bob", 8)]));
  const edited = after(page, updated(said("Bob", 9, { message: "other" }), 20, { follows: 0 }));
  assert.equal(edited.search.messages[0].message, "other");
  assert.deepEqual(ids(after(edited, deleted(said("Bob", 8), 21))), [9]);
});

test("the way to a message leads through its room", () => {
  const page = after(aliceIsIn(), listed([summary("lounge"), summary("den")]), { type: "aim", slug: "den", id: 7 });
  assert.deepEqual([page.slug, page.aim, page.seeking], ["den", { slug: "den", id: 7 }, null]);

  const there = after(page, { ...room(90, false), room: "den" }, { ...history([said("Bob", 90, { room: "den" })], true), room: "den" });
  assert.deepEqual([there.aim, there.seeking, current(there).asking], [null, 7, { around: 7 }]);
  const lost = after(page, gone("den"));
  assert.deepEqual([lost.slug, lost.aim], ["lounge", null]);
});

test("whoever looks for what is gone is told so", () => {
  const page = after(aliceIsIn(), { type: "seek", id: 5 }, history([said("Bob", 4), said("Bob", 6)]));
  assert.deepEqual([page.seeking, page.note.kind], [null, "gone"]);
});

test("a day begins with the first message since then, or else at the end", () => {
  const asked = after(aliceIsIn(), { type: "jump", at: "2026-11-22T00:00:00.000Z" });
  const page = after(asked, history([said("Bob", 4), said("Bob", 5)], true));
  assert.deepEqual([shown(page), page.seeking], [[4, 5], 4]);
  assert.deepEqual([current(page).hasEarlier, current(page).hasLater], [true, true]);
  const empty = after(aliceIsIn(said("Bob", 9)), { type: "jump", at: "2036-11-22T00:00:00.000Z" }, history([]));
  assert.deepEqual([shown(empty), empty.seeking], [[9], 9]);
});
