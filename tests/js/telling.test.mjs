import assert from "node:assert/strict";
import { test } from "node:test";

import { parse } from "../../chat/static/chat/js/protocol.js";
import { toUs, unreadBeside } from "../../chat/static/chat/js/room-list.js";
import { reduce } from "../../chat/static/chat/js/reducer.js";
import { titleOf } from "../../chat/static/chat/js/state.js";
import { Store } from "../../chat/static/chat/js/store.js";
import { isToBeTold, words } from "../../chat/static/chat/js/telling.js";
import { isFirst, recallWanted, rememberWanted } from "../../chat/static/chat/js/told.js";
import { after, aliceIsIn, back, listed, read, room, said, summary, updated } from "./cast.mjs";
import { Storage } from "./storage.mjs";

const bob = { id: "bob", name: "Bob", role: "member" };
const inSalon = (frame) => ({ ...frame, room: "salon" });
const toAlice = { mentions: ["carol", "alice"] };
const wants = (what) => ({ what, sound: false });

/** Alice is in the lounge, and hears the salon and what Bob says to her alone. */
function aliceHears() {
  return after(
    aliceIsIn(said("Bob", 1)),
    listed([
      summary("lounge", { read: 1, unread: 0 }),
      summary("salon", { read: 1, unread: 0 }),
      summary("two", { read: 1, unread: 0, direct: bob, mode: "members", title: "Bob" }),
    ]),
    { ...room(1, false), room: "two" },
    inSalon(room(1, false)),
  );
}

/** Whether Alice is told of this, who wants to be told of so much. */
function isTold(before, frame, what) {
  return isToBeTold(after(before, frame), before, frame, wants(what));
}

// Mentions

test("what mentions Alice is counted beside what is unread, and read with it", () => {
  const salon = (page) => page.list.rooms.get("salon");
  const page = after(
    aliceHears(),
    inSalon(said("Bob", 2)),
    inSalon(said("Bob", 3, toAlice)),
    inSalon(updated(said("Bob", 2), 4, toAlice)),
    inSalon(said("Alice", 5, toAlice)),
    { ...said("Bob", 2), room: "two" },
  );
  assert.deepEqual([salon(page).unread, salon(page).mentions], [2, 1]);
  assert.deepEqual(unreadBeside(page.list, "lounge"), { unread: 3, mentions: 2 });
  assert.deepEqual(unreadBeside(page.list, "two"), { unread: 2, mentions: 1 });

  assert.equal(salon(after(page, listed([summary("salon")], { counted: false }))).mentions, 1);
  assert.equal(salon(after(page, read("salon", 5))).mentions, 0);
  assert.equal(toUs(summary("two", { direct: bob, unread: 4 })), 4);
});

test("of what was read in part as many mention Alice as are left", () => {
  const counted = summary("lounge", { read: 0, unread: 3, mentions: 2 });
  const told = [said("Bob", 1, toAlice), said("Bob", 2), said("Bob", 3, toAlice)];
  const page = after(aliceIsIn(...told), { type: "visibility", isHidden: true }, listed([counted]));

  const { unread, mentions } = after(page, read("lounge", 2)).list.rooms.get("lounge");
  assert.deepEqual([unread, mentions], [1, 1]);
});

// Titles

test("a room is called as it is in the language of the page, wherever it is told of", () => {
  const titles = { ru: "Чай" };
  const parsed = (frame, language) => parse(JSON.stringify({ ...frame, titles }), language)[0].title;
  const entered = room(1, false, { title: "Tea" });
  assert.deepEqual([parsed(entered, "ru"), parsed(entered, "en")], ["Чай", "Tea"]);
  const line = { type: "notification", message: "", color: "info", event: "room", room: "tea", title: "Tea" };
  assert.equal(parsed(line, "ru"), "Чай");
  const [{ rooms }] = parse(JSON.stringify(listed([summary("tea", { titles }), summary("salon")])), "ru");
  assert.deepEqual(rooms.map(({ title }) => title), ["Чай", "Salon"]);
  assert.equal(parsed(entered, "constructor"), "Tea");
});

// Being told

test("Alice is told of what she wants: of what is to her, of all, of nothing", () => {
  const page = aliceHears();
  const told = (frame) => ["none", "mentions", "all"].map((what) => isTold(page, frame, what));
  assert.deepEqual(told(inSalon(said("Bob", 2))), [false, false, true]);
  assert.deepEqual(told(inSalon(said("Bob", 2, toAlice))), [false, true, true]);
  assert.deepEqual(told(inSalon(said("Bob", 2, { reply_to: 1, quote: { id: 1, sender_id: "alice" } }))), [false, true, true]);
  assert.deepEqual(told(inSalon(said("Bob", 2, { reply_to: 1, quote: { id: 1, sender_id: "carol" } }))), [false, false, true]);
  assert.deepEqual(told({ ...said("Bob", 2), room: "two" }), [false, true, true]);
  assert.deepEqual(told(inSalon(said("Alice", 2, toAlice))), [false, false, false]);
  assert.deepEqual(told({ ...said("Bob", 2, toAlice), room: "elsewhere" }), [false, false, false]);
});

test("what was said before, and was missed, is told once", () => {
  const page = after(aliceHears(), said("Bob", 2));
  assert.equal(isTold(page, said("Bob", 2), "all"), false);

  const [waiting, ...comes] = back(3);
  const away = after(page, waiting);
  const comesWith = (frame) => isToBeTold(after(away, ...comes, frame), away, frame, wants("all"));
  assert.deepEqual([comesWith(said("Bob", 2)), comesWith(said("Bob", 3))], [false, true]);

  const again = after(page, ...back(3));
  assert.equal(isTold(again, said("Bob", 2), "all"), false);
  assert.equal(isTold(again, said("Bob", 3), "all"), true);
});

test("who says it, and where, each in its own direction, and as much of it as is read at a glance", () => {
  const page = aliceHears();
  assert.equal(titleOf(page, "salon"), "Salon");
  assert.deepEqual(words(page, inSalon(said("Bob", 2))), { title: "\u2068Bob\u2069 · \u2068Salon\u2069", body: "word 2" });
  assert.equal(words(page, { ...said("Bob", 2), room: "two" }).title, "\u2068Bob\u2069");
  const long = words(page, said("Bob", 2, { message: "😀".repeat(300) })).body;
  assert.deepEqual([[...long].length, long.endsWith("😀…")], [200, true]);
});

test("who follows the store hears what has happened", () => {
  const store = new Store(aliceHears(), reduce);
  const heard = [];
  store.follow((_state, _before, events) => heard.push(...events));

  store.dispatch({ type: "open", slug: "salon" }, { type: "noted" });
  assert.deepEqual(heard.map(({ type }) => type), ["open", "noted"]);
});

// What the tabs agree on

test("each person has said what they want, and one tab tells of a message", async () => {
  globalThis.localStorage = new Storage();
  assert.deepEqual(recallWanted("guest"), { what: "none", sound: false });
  rememberWanted("guest", { what: "all", sound: true });
  assert.deepEqual(recallWanted("guest"), { what: "all", sound: true });
  assert.equal(recallWanted("account:5").what, "none");
  for (const broken of ['{"what":"constructor"}', "null", "{"]) {
    localStorage.setItem("chat.wanted.guest", broken);
    assert.equal(recallWanted("guest").what, "none");
  }

  assert.deepEqual(await Promise.all([isFirst(1), isFirst(1), isFirst(2)]), [true, false, true]);
  localStorage.setItem("chat.told", '{"no":"list"}');
  assert.equal(await isFirst(3), true);
});
