import assert from "node:assert/strict";
import { test } from "node:test";

import { isLost } from "../../chat/static/chat/js/address-bar.js";
import { WATCHED } from "../../chat/static/chat/js/listening.js";
import { MANY } from "../../chat/static/chat/js/many.js";
import { offers } from "../../chat/static/chat/js/offers.js";
import { newestRead, Reading } from "../../chat/static/chat/js/reading.js";
import { reduce } from "../../chat/static/chat/js/reducer.js";
import { unreadBeside, withShown } from "../../chat/static/chat/js/room-list.js";
import { ASIDE, cursor } from "../../chat/static/chat/js/room.js";
import { sorted } from "../../chat/static/chat/js/roster.js";
import { news, rows } from "../../chat/static/chat/js/rows.js";
import { current, drafterOf, silence, titleOf } from "../../chat/static/chat/js/state.js";
import { Store } from "../../chat/static/chat/js/store.js";
import {
  after,
  alice,
  aliceIsIn,
  back,
  crowd,
  error,
  gone,
  history,
  isFrame,
  joined,
  left,
  listed,
  members,
  notice,
  open,
  post,
  queued,
  read,
  renamed,
  room,
  said,
  shown,
  summary,
  typing,
  updated,
  waiting,
  welcome,
  welcomeUser,
} from "./cast.mjs";

const lounge = summary("lounge", { read: 0 });
const ways = (page) => Object.fromEntries([...page.rooms.values()].map(({ slug, way }) => [slug, way]));
const unread = (page, slug) => page.list.rooms.get(slug).unread ?? 0;
const names = (page) => sorted(current(page).roster).map(({ name }) => name);
const typists = (page) => current(page).typists.map(({ name }) => name);
const inSalon = (frame) => ({ ...frame, room: "salon" });
const salonIs = (version, recovered, more = {}) => inSalon(room(version, recovered, more));
const hidden = (isHidden) => ({ type: "visibility", isHidden });
const noRoom = (slug) => error("not_found", { command: "enter", room: slug });
const people = (isOpened = false) => ({ type: "people", isOpened });
const wish = (wish) => ({ type: "wish", wish });
const create = { kind: "create", title: "Salon", topic: "", mode: "open" };
const invite = { kind: "member", room: "salon", id: "bob", role: "member" };

/** Alice is in the lounge and hears the salon, where she has read the message 1. */
function aliceHearsTheSalon(more = {}) {
  return after(
    aliceIsIn(),
    listed([lounge, summary("salon", { read: 1, unread: 0, ...more })]),
    salonIs(1, false),
  );
}

// Which rooms are listened to

test("one's own rooms are heard one after the other, and no others", () => {
  const [tea, club] = [summary("tea", { read: 3 }), summary("club", { mode: "members" })];
  const own = [tea, club, summary("desk", { role: "owner" })];
  const page = after(aliceIsIn(), listed([lounge, summary("open"), ...own]));
  assert.deepEqual(ways(page), { lounge: "here", tea: "watch" });

  const next = after(page, { ...room(1, false), room: "tea" });
  assert.deepEqual(ways(next), { lounge: "here", tea: "watch", club: "watch" });
  const all = after(next, { ...room(1, false), room: "club" }, { ...room(1, false), room: "desk" });
  assert.deepEqual(ways(all), { lounge: "here", tea: "watch", club: "watch", desk: "watch" });
});

test("a user of the site is a member of every open room, and it is no more theirs for that", () => {
  const user = after(aliceIsIn(), welcomeUser());

  const [open, mine] = [summary("open", { role: "member" }), summary("mine", { role: "owner" })];
  const page = after(user, listed([lounge, open, mine]));

  assert.deepEqual(ways(page), { lounge: "here", mine: "watch" });
});

test("no more rooms are heard than are good for a page, and none is kept that is not", () => {
  const many = Array.from({ length: WATCHED + 5 }, (_, index) => summary(`room-${index}`, { read: 1 }));
  let page = after(aliceIsIn(), listed([lounge, ...many]));
  for (const { room: slug } of many) page = after(page, { ...room(1, false), room: slug });
  assert.equal(page.rooms.size, WATCHED + 1);

  const fewer = after(page, listed([lounge, many[0]]));
  assert.deepEqual([...fewer.rooms.keys()], ["lounge", "room-0"]);
});

test("of too many rooms the conversations come first, and those where something is unread", () => {
  const many = Array.from({ length: WATCHED }, (_, index) => summary(`room-${index}`, { read: 1 }));
  const bob = { id: "bob", name: "Bob", role: "member" };
  const behind = [summary("two", { direct: bob, mode: "members" }), summary("news", { read: 1, unread: 3 })];
  let page = after(aliceIsIn(), listed([lounge, ...many, ...behind]));
  for (const slug of ["two", "news"]) page = after(page, { ...room(1, false), room: slug });

  assert.deepEqual(Object.keys(ways(page)).slice(0, 4), ["lounge", "two", "news", "room-0"]);
});

test("a room that one belongs to, and has never read, is one's own", () => {
  const [news, open] = [summary("news", { mode: "read_only", unread: 4 }), summary("open")];

  assert.deepEqual(ways(after(aliceIsIn(), listed([lounge, open, news]))), { lounge: "here", news: "watch" });
});

test("after a break the room that is shown is entered first, the others when they are listed", () => {
  const page = after(aliceHearsTheSalon(), waiting, { type: "connecting" }, { type: "request_name" }, welcome());
  assert.deepEqual(ways(page), { lounge: "here", salon: null });

  assert.deepEqual(ways(after(page, room(0, true))), { lounge: "here", salon: "watch" });
});

test("another room is entered when it is opened, and the one before is not left", () => {
  const page = after(aliceHearsTheSalon(), open("salon"));
  assert.equal(page.slug, "salon");
  assert.deepEqual(ways(page), { lounge: "here", salon: "here" });
  // Of what was only heard there is no page, so it is asked for from the start.
  assert.deepEqual(cursor(current(page)), {});

  const full = after(page, salonIs(2, false), inSalon(history([said("Bob", 1), said("Bob", 2)])));
  assert.deepEqual(shown(full), [1, 2]);
  assert.equal(after(full, open("salon")), full);
});

test("a room that is no one's own is forgotten when it is left", () => {
  const page = after(aliceIsIn(), listed([lounge, summary("open")]), open("open"), open("lounge"));

  assert.deepEqual([...page.rooms.keys()], ["lounge"]);
});

test("of a room that is not shown only the end stays, and it is shown again at once", () => {
  const words = Array.from({ length: 200 }, (_, index) => said("Bob", index + 1));
  const page = after(aliceIsIn(...words), listed([lounge, summary("salon", { read: 1 })]), open("salon"));
  assert.equal(page.rooms.get("lounge").messages.length, ASIDE);

  const heard = after(page, room(200, true), said("Bob", 201));
  assert.equal(heard.rooms.get("lounge").messages.length, ASIDE);
  const again = after(heard, open("lounge"));
  assert.equal(shown(again).at(-1), 201);
  assert.equal(current(again).hasEarlier, true);
  assert.deepEqual(cursor(current(again)), { epoch: "e1", after: 201 });
});

test("who was reading far above finds the end when they come back", () => {
  const words = Array.from({ length: 60 }, (_, index) => said("Bob", index + 1));
  const page = after(
    aliceIsIn(...words),
    listed([lounge, summary("salon", { read: 1 })]),
    { type: "seek", id: 9_000 },
    history([said("Bob", 9_000)], true),
    open("salon"),
    room(60, true),
  );
  assert.deepEqual(page.rooms.get("lounge").messages, []);

  assert.deepEqual(current(after(page, open("lounge"))).asking, {});
});

test("what is still to be said brings Alice into its room after a break, too", () => {
  const page = after(aliceHearsTheSalon(), open("salon"), salonIs(1, false), inSalon(history([])), open("lounge"));
  const back = [{ type: "connecting" }, { type: "request_name" }, welcome(), room(0, true)];
  assert.deepEqual(ways(after(page, ...back)), { lounge: "here", salon: "watch" });

  const waiting = after(page, open("salon"), post("r1"), { type: "sent", refs: ["r1"] }, open("lounge"));
  assert.deepEqual(ways(after(waiting, ...back)), { lounge: "here", salon: "here" });
});

// A room that is lost

test("a room that is closed to Alice leads to the one everybody finds, with a word", () => {
  const page = after(aliceHearsTheSalon(), open("salon"), salonIs(1, false), gone("salon"));

  assert.equal(page.slug, "lounge");
  assert.deepEqual(page.note, { kind: "lost", name: "Salon", slug: "salon" });
  assert.equal(page.list.rooms.has("salon"), false);
  assert.equal(after(page, { type: "noted" }).note, null);
  // It is there again, or somebody goes there.
  assert.equal(after(page, listed([lounge, summary("tea")])).note.kind, "lost");
  assert.equal(after(page, listed([lounge, summary("salon")])).note, null);
  assert.equal(after(page, open("tea")).note.kind, "lost");
  assert.equal(after(page, open("salon")).note, null);
});

test("nobody goes back to a room that is lost, and to every other, whatever was said about that one", () => {
  const page = after(aliceHearsTheSalon(), open("salon"), salonIs(1, false));
  const lost = after(page, gone("salon"));
  assert.equal(isLost(lost, page), true);

  const next = after(lost, open("tea"));
  assert.equal(next.note.kind, "lost");
  assert.equal(isLost(next, lost), false);
});

test("what is not found while a room is being entered is not that room", () => {
  const page = after(aliceHearsTheSalon(), open("salon"));
  for (const command of ["direct", "member", "read", "history", "members"]) {
    const known = after(page, error("not_found", { command }));
    assert.deepEqual([known.slug, known.rooms.get("salon").isGone], ["salon", false], command);
  }
});

test("what is told of a room that Alice listens to no longer is not told in another", () => {
  const page = after(aliceIsIn(), { ...joined("Bob"), room: "salon" }, { ...crowd(1, 2), room: "salon" });

  assert.deepEqual(current(page).notices, []);
  assert.equal(current(after(page, joined("Bob"))).notices.length, 1);
});

test("a room that is not shown is lost without a word, and found again when it is listed", () => {
  const page = after(aliceHearsTheSalon(), gone("salon"));
  assert.deepEqual([page.slug, page.note], ["lounge", null]);
  assert.equal(ways(page).salon ?? null, null);

  const found = after(page, listed([lounge, summary("salon", { read: 1 })]));
  assert.deepEqual(ways(found), { lounge: "here", salon: "watch" });
});

test("an address that leads nowhere leads to the room everybody finds", () => {
  const page = after(aliceIsIn(), listed([lounge]), open("nowhere"), noRoom("nowhere"));

  assert.equal(page.slug, "lounge");
  assert.equal(page.note.kind, "lost");
  assert.deepEqual(current(page).notices, []);
});

test("a room that is gone when Alice comes back leads to the one everybody finds, on the same connection", () => {
  const page = after(
    aliceHearsTheSalon(),
    open("salon"),
    salonIs(1, false),
    waiting,
    { type: "connecting" },
    { type: "request_name" },
    welcome(),
    noRoom("salon"),
  );
  assert.deepEqual([page.slug, page.connection.phase, page.note.name], ["lounge", "connected", "Salon"]);
  assert.deepEqual(ways(page).lounge, "here");

  const nowhere = after(alice(), { type: "connecting" }, { type: "request_name" }, welcome(), noRoom("lounge"));
  assert.equal(nowhere.note, null);
  assert.equal(after(nowhere, listed([summary("tea"), summary("salon")])).slug, "tea");
});

// What is unread

test("what others say in another room is unread until it is opened, up to more than 99", () => {
  const page = after(
    aliceHearsTheSalon(),
    inSalon(said("Bob", 2)),
    inSalon(said("Alice", 3)),
    inSalon(updated(said("Bob", 2), 4)),
    inSalon(said("Bob", 5)),
  );
  assert.deepEqual([unread(page, "salon"), unread(page, "lounge")], [2, 0]);
  assert.deepEqual(unreadBeside(page.list, "lounge"), { unread: 2, mentions: 0 });
  assert.deepEqual(unreadBeside(page.list, "salon"), { unread: 0, mentions: 0 });

  const flood = Array.from({ length: 200 }, (_, index) => inSalon(said("Bob", index + 6)));
  assert.equal(unread(after(page, ...flood), "salon"), MANY);
});

test("what was missed is counted by the server alone", () => {
  const page = after(
    aliceHearsTheSalon(),
    open("salon"),
    salonIs(1, false),
    inSalon(history([said("Bob", 1)])),
    open("lounge"),
    ...back(0),
    listed([lounge, summary("salon", { read: 1, unread: 2 })]),
    salonIs(3, true),
    inSalon(said("Bob", 2)),
    inSalon(said("Bob", 3)),
  );

  assert.equal(unread(page, "salon"), 2);
  assert.equal(unread(after(page, inSalon(said("Bob", 4))), "salon"), 3);
});

test("who has seen an empty room misses what is said there later", () => {
  const page = after(aliceIsIn(), listed([summary("lounge")]));

  assert.equal(newestRead(page), 0);
  assert.equal(newestRead(after(page, { type: "read", slug: "lounge", id: 0 })), null);
});

test("what comes while Alice looks is read, what comes while she does not is not", () => {
  const page = after(aliceIsIn(said("Bob", 1)), listed([summary("lounge", { read: 0, unread: 7 })]));
  assert.equal(unread(page, "lounge"), 0);
  assert.equal(newestRead(page), 1);
  const told = after(page, { type: "read", slug: "lounge", id: 1 });
  assert.equal(newestRead(told), null);

  const away = after(told, hidden(true), said("Bob", 2));
  assert.deepEqual([unread(away, "lounge"), newestRead(away)], [1, null]);
  const above = after(told, { type: "look", isAtEnd: false }, said("Bob", 2));
  assert.deepEqual([unread(above, "lounge"), newestRead(above)], [1, null]);
  assert.equal(newestRead(after(away, hidden(false))), 2);
});

test("what was read elsewhere is read here, and nothing becomes unread again", () => {
  const page = after(
    aliceIsIn(said("Bob", 1), said("Bob", 2), said("Bob", 3)),
    hidden(true),
    listed([summary("lounge", { read: 0, unread: 3 })]),
  );

  assert.equal(unread(after(page, read("lounge", 2)), "lounge"), 1);
  assert.equal(unread(after(page, read("lounge", 3)), "lounge"), 0);
  assert.equal(unread(after(page, read("lounge", 3), read("lounge", 1)), "lounge"), 0);
});

test("a room that was read for the first time elsewhere is heard from then on", () => {
  const page = after(aliceIsIn(), listed([lounge, summary("tea")]));
  assert.deepEqual(ways(page), { lounge: "here" });

  assert.deepEqual(ways(after(page, read("tea", 3))), { lounge: "here", tea: "watch" });
});

test("a line shows where what is new begins, after the room is opened and until Alice leaves it", () => {
  const kinds = (page) => rows(page).map(({ kind, id }) => id ?? kind);
  const told = [said("Alice", 1), said("Bob", 2), said("Alice", 3), said("Bob", 4), said("Bob", 5)];
  const page = after(aliceIsIn(...told), listed([summary("lounge", { read: 2, unread: 2 })]));
  assert.deepEqual(kinds(page), ["day", 1, 2, 3, "unread", 4, 5]);

  assert.deepEqual(kinds(after(page, post("r1"))).includes("unread"), true);
  const counted = rows(after(page, said("Bob", 6))).find(({ kind }) => kind === "unread");
  assert.equal(counted.count, 3);
  const all = after(aliceIsIn(...told), listed([summary("lounge", { read: 5, unread: 0 })]));
  assert.equal(kinds(all).includes("unread"), false);
  const away = after(all, hidden(true), said("Bob", 6), hidden(false));
  assert.deepEqual(kinds(away).slice(-2), ["unread", 6]);
  // Nothing came meanwhile, so what comes now is seen to come.
  const watched = after(all, hidden(true), hidden(false), said("Bob", 6));
  assert.equal(kinds(watched).includes("unread"), false);
});

test("no line stands before what is new where that begins above what is known, and it is asked for from there", () => {
  const kinds = (page) => rows(page).map(({ kind, id }) => id ?? kind);
  const unread = listed([summary("lounge", { read: 2, unread: 60 })]);
  const latest = { ...room(9, false), type: "room" };
  const page = after(alice(), waiting, welcome(), latest, history([said("Bob", 8), said("Bob", 9)], true), unread);
  assert.deepEqual(kinds(page), ["day", 8, 9]);
  assert.deepEqual(news(page), { after: 2, count: 60, isBefore: true });

  const asking = after(page, { type: "first_new" });
  assert.deepEqual(current(asking).asking, { around: 2 });
  const found = after(asking, history([said("Bob", 1), said("Bob", 2), said("Bob", 3)], true));
  assert.deepEqual(kinds(found), ["day", 1, 2, "unread", 3]);
  assert.deepEqual(news(found), { after: 2, count: 60, isBefore: false });
  assert.equal(after(found, { type: "first_new" }), found);
});

// Who is here

test("who is here is known from the room, and kept right by who comes, goes and is called otherwise", () => {
  const people = [
    { id: "zoe", name: "Zoe", role: "moderator" },
    { id: "alice", name: "Alice", role: "guest" },
  ];
  const page = after(aliceIsIn(), room(0, true, { members: people, online: 2 }));
  assert.deepEqual(names(page), ["Zoe", "Alice"]);

  const more = after(page, joined("Bob", { online: 3, role: "owner" }), joined("Carol", { role: "member" }));
  assert.deepEqual(names(more), ["Bob", "Zoe", "Alice", "Carol"]);
  assert.deepEqual(names(after(more, left("Zoe"), renamed("carol", "Aaron"))), ["Bob", "Aaron", "Alice"]);
});

test("whoever is beyond the first is asked for, page by page", () => {
  const person = (id) => ({ id, name: id.toUpperCase(), role: "guest" });
  const page = after(aliceIsIn(), room(0, true, { members: [person("b"), person("d")], online: 4 }));
  const asking = after(page, people());
  assert.equal(current(asking).roster.asking.after, "");
  assert.equal(after(asking, people()), asking);

  const first = after(asking, members([person("a"), person("b")], true));
  assert.deepEqual(names(first), ["A", "B", "D"]);
  const rest = after(first, people());
  assert.equal(current(rest).roster.asking.after, "b");
  const all = after(rest, members([person("c"), person("d")]));
  assert.deepEqual(names(all), ["A", "B", "C", "D"]);
  assert.equal(after(all, people()), all);
});

test("in a crowd nobody says who came, so the list begins anew when somebody opens it, and not under their hands", () => {
  const person = (id) => ({ id, name: id.toUpperCase(), role: "guest" });
  const page = after(aliceIsIn(), crowd(9, 2, { online: 480 }));
  assert.equal(current(page).online, 480);

  const first = after(page, people(true), members([person("a"), person("b")], true));
  assert.deepEqual(names(first), ["A", "B"]);
  const more = after(first, crowd(1, 0), people(), crowd(1, 0), members([person("c")], true));
  assert.deepEqual(names(more), ["A", "B", "C"]);
  assert.equal(current(after(more, crowd(0, 1), people())).roster.asking.after, "c");
  const again = after(more, people(true));
  assert.equal(current(again).roster.asking.after, "");
  assert.deepEqual(names(after(again, members([person("b")]))), ["B"]);
});

test("a list that was asked for while somebody came is old when it is there", () => {
  const bob = { id: "bob", name: "Bob", role: "guest" };
  const page = after(aliceIsIn(), crowd(9, 2), people(true), crowd(1, 0), members([bob]));

  assert.deepEqual(names(page), ["Bob"]);
  assert.equal(current(after(page, people(true))).roster.asking.after, "");
  const fresh = after(page, people(true), members([bob]));
  assert.equal(after(fresh, people(true)), fresh);
  const broken = after(page, people(true), waiting);
  assert.equal(current(broken).roster.isOld, true);
});

test("who looks at a list of those who are here is in it, whatever was told of the others", () => {
  const bob = { id: "bob", name: "Bob", role: "guest" };
  const page = after(aliceIsIn(), crowd(9, 2), people(true), members([bob], true));
  const found = (self) => sorted(current(page).roster, self).map(({ name }) => name);

  assert.deepEqual(found(undefined), ["Bob"]);
  assert.deepEqual(found(page.me), ["Alice", "Bob"]);
  assert.deepEqual(found(bob), ["Bob"]);
});

test("the room that is shown is in the list, whether the server lists it or not", () => {
  const page = after(aliceIsIn(), listed([summary("tea")]), room(0, true, { title: "Lounge" }));
  const slugs = (page, room) => withShown(page.list, room, "guest").map(({ room: slug }) => slug);

  assert.deepEqual(slugs(page, current(page)), ["tea", "lounge"]);
  assert.deepEqual(slugs(page, { ...current(page), slug: "tea" }), ["tea"]);
  assert.deepEqual(slugs(page, { ...current(page), isGone: true }), ["tea"]);
  assert.deepEqual(slugs(page, { ...current(page), title: null }), ["tea"]);
});

test("what one may offer somebody is to talk alone, and a place in one's own closed rooms", () => {
  const owned = summary("club", { mode: "members", role: "owner" });
  const page = after(aliceIsIn(), welcomeUser(), listed([lounge, owned, summary("tea", { role: "owner" })]));
  const kinds = (member) => offers(page)(member).map(({ kind, title }) => [kind, title]);

  assert.deepEqual(kinds({ id: "bob", name: "Bob", role: "member" }), [["direct", ""], ["invite", "Club"]]);
  assert.deepEqual(kinds({ id: "carol", name: "Carol", role: "guest" }), [["invite", "Club"]]);
  assert.deepEqual(kinds({ id: "user-alice", name: "Alice", role: "member" }), []);
  assert.deepEqual(offers(aliceIsIn())({ id: "bob", name: "Bob", role: "member" }), []);
});

// Typing

test("who writes is shown until they have said it, leave, or have been silent", () => {
  const page = after(aliceIsIn(), typing("Bob"), typing("Carol"), typing("Alice"));
  assert.deepEqual(typists(page), ["Bob", "Carol"]);
  assert.deepEqual(typists(after(page, said("Bob", 1))), ["Carol"]);
  assert.deepEqual(typists(after(page, left("Carol"))), ["Bob"]);

  const silent = (turn) => ({ type: "silent", slug: "lounge", id: "bob", turn });
  assert.deepEqual(typists(after(page, silent(1))), ["Carol"]);
  assert.deepEqual(typists(after(page, typing("Bob"), silent(1))), ["Carol", "Bob"]);
  assert.deepEqual(typists(after(page, typing("Bob"), silent(3))), ["Carol"]);
  // What was said since then ends nothing that was begun after it.
  assert.deepEqual(typists(after(page, said("Bob", 1), typing("Bob"), silent(1))), ["Carol", "Bob"]);
  assert.deepEqual(typists(after(page, waiting)), []);
});

// Names

test("a name that is not free is said once, with what Alice is called instead", () => {
  const page = after(aliceIsIn(), welcome("Alice 2", { name_was: "taken" }));
  assert.deepEqual(page.note, { kind: "taken", name: "Alice 2" });

  const read = after(page, { type: "noted" }, waiting, welcome("Alice 2", { name_was: "taken" }));
  assert.equal(read.note, null);
  assert.equal(after(page, welcome("Ally")).note, null);
});

test("a name that is refused is said where it was asked for", () => {
  const page = after(aliceIsIn(), { type: "rename", name: "Admin" });
  assert.deepEqual(page.renaming, { name: "Admin", error: null });

  const refused = after(page, error("name_reserved", { command: "rename" }));
  assert.deepEqual(refused.renaming, { name: "Admin", error: "no: name_reserved" });
  assert.deepEqual(current(refused).notices, []);
  const known = after(refused, { type: "rename", name: "Ally" }, welcome("Ally"));
  assert.deepEqual([known.renaming, known.me.name], [null, "Ally"]);
  assert.equal(after(page, waiting).renaming, null);
});

test("who asks for names too fast is told how long to wait", () => {
  const limited = error("rate_limited", { command: "rename", retry_after: 12.3 });
  const page = after(aliceIsIn(), { type: "rename", name: "Ally" }, limited);
  assert.deepEqual(page.renaming, { name: "Ally", error: "no: rate_limited", wait: 13 });

  assert.deepEqual(after(page, { type: "rename", name: "Al" }).renaming, { name: "Al", error: null });
});

test("what is new of a room is known where it is known what was before", () => {
  const told = (page, more) => current(after(page, notice({ color: "info", event: "room", ...more }))).notices[0].frame.news;
  const page = after(aliceIsIn(), room(0, true, { title: "Lounge", topic: "Tea", mode: "open" }));

  assert.deepEqual(told(page, { title: "Lounge", topic: "Tea", mode: "archived" }), ["archived"]);
  assert.deepEqual(told(page, { title: "Salon", topic: "", mode: "open" }), ["title", "no_topic"]);
  assert.deepEqual(told(page, { title: "Lounge", topic: "Cards", mode: "open" }), ["topic"]);
  // The list may know of it before.
  const ahead = after(page, listed([summary("lounge", { topic: "Cards" })]));
  assert.deepEqual(told(ahead, { title: "Lounge", topic: "Cards", mode: "open" }), ["topic"]);
  assert.deepEqual(told(aliceIsIn(), { title: "Lounge", topic: "", mode: "archived" }), []);
});

test("what has nothing to do with a name is not said where that is asked for, and after that is over neither", () => {
  const page = after(aliceIsIn(), { type: "rename", name: "Admin" }, error("bad_frame"));
  assert.equal(page.renaming.error, null);
  assert.equal(current(page).notices.at(-1).frame.code, "bad_frame");

  const over = after(page, error("name_taken", { command: "rename" }), { type: "cancel", what: "renaming" });
  assert.equal(over.renaming, null);
  const late = after(page, { type: "cancel", what: "renaming" }, error("name_taken", { command: "rename" }));
  assert.equal(late.renaming, null);
});

test("whoever is called otherwise is known by both names in the line that says so", () => {
  const lines = (page) => current(page).notices.map(({ frame }) => [frame.was, frame.name]);
  const page = after(aliceIsIn(), joined("Bob"), renamed("bob", "Robert"), renamed("bob", "Rob"));
  assert.deepEqual(lines(page).slice(1), [["Bob", "Robert"], ["Robert", "Rob"]]);

  assert.deepEqual(lines(after(aliceIsIn(), welcome("Ally"), renamed("alice", "Ally"))), [["Alice", "Ally"]]);
});

// Who we are

test("what a user has not sent does not go out under the name of a guest", () => {
  const user = after(aliceIsIn(), welcomeUser(), post("r1"), { type: "change", change: reaction("r2") });
  const guest = after(user, waiting, { type: "connecting" }, welcome());
  assert.deepEqual(queued(guest), ["r1 failed"]);
  assert.equal(rows(guest).at(-1).isForeign, true);

  const again = after(guest, { type: "retry", ref: "r1" });
  assert.deepEqual(queued(again), ["r1 waiting"]);
  assert.deepEqual(queued(after(again, welcome())), ["r1 waiting"]);
  assert.deepEqual(queued(after(guest, welcomeUser())), ["r1 waiting"]);
  assert.deepEqual(queued(after(guest, welcomeUser("Bob", "user-bob"))), ["r1 failed"]);
});

test("what a guest has not sent waits for a word of the user, and goes on under another id of the guest", () => {
  const page = after(aliceIsIn(), post("r1"), waiting);

  assert.deepEqual(queued(after(page, welcomeUser())), ["r1 failed"]);
  assert.deepEqual(queued(after(page, welcome("Alice", { id: "another" }))), ["r1 waiting"]);
});

test("what another tab has left belongs to who wrote it there", () => {
  const item = { type: "message", room: "lounge", message: "x", at: 1, status: "waiting" };
  const items = [
    { ...item, ref: "r1", author: "user:user-alice" },
    { ...item, ref: "r2" },
  ];

  const page = after(aliceIsIn(), { type: "adopted", items, at: 2 });

  assert.deepEqual(queued(page), ["r1 failed", "r2 waiting"]);
});

test("what a user writes before the server has said who they are is theirs, and nobody else's", () => {
  const user = (account) => ({ id: "", name: "Alice", role: "guest", isUser: true, account });
  const page = after({ ...aliceIsIn(), me: user("5") }, post("r1"));

  assert.deepEqual(queued(after(page, welcomeUser())), ["r1 waiting"]);
  assert.deepEqual(queued(after(page, welcomeUser(), waiting, welcome())), ["r1 failed"]);
  assert.deepEqual(queued(after(page, welcomeUser(), waiting, welcomeUser("Bob", "user-bob"))), ["r1 failed"]);
  assert.deepEqual(queued(after(page, welcome())), ["r1 failed"]);

  const items = page.outbox;
  const adopting = (account) => after({ ...aliceIsIn(), me: user(account) }, { type: "adopted", items, at: items[0].at });
  assert.deepEqual(queued(after(adopting("5"), welcomeUser())), ["r1 waiting"]);
  assert.deepEqual(queued(adopting("7")), ["r1 failed"]);
  assert.deepEqual(queued(after(adopting("7"), welcomeUser("Bob", "user-bob"))), ["r1 failed"]);
});

test("what a user saw is over as soon as somebody else is there, or nobody may be", () => {
  const user = after(aliceIsIn(), { type: "request_name", user: "Alice" }, welcomeUser());
  const back = (...frames) => after(user, waiting, { type: "connecting" }, ...frames).isOver;

  assert.equal(back({ type: "request_name" }), true);
  assert.equal(back({ type: "request_name", user: "Bob" }, welcomeUser("Bob", "user-bob")), true);
  const closing = { type: "closing", code: 4509, reason: "no" };
  assert.equal(back(closing, { type: "stopped" }), true);
  assert.equal(back({ type: "stopped", code: "sign_in_required" }), true);
  assert.equal(back({ type: "request_name", user: "Alice" }, welcomeUser(), room(0, true)), false);
  assert.equal(back({ type: "closing", code: 4504, reason: "no" }, { type: "stopped" }), false);
  // Whoever was a guest has seen nothing that is not for them; nor has who never came in.
  assert.equal(user.isOver, false);
  assert.equal(after(aliceIsIn(), waiting, closing, { type: "stopped" }).isOver, false);
  assert.equal(after({ ...alice(), me: { ...user.me, id: "" } }, { type: "request_name" }).isOver, false);
});

test("a draft is of a user by the account that the page was made for, and of a guest by none", () => {
  const user = (account) => ({ id: "", name: null, role: "guest", isUser: true, account });
  assert.equal(drafterOf(user("5")), "account:5");
  assert.equal(drafterOf({ ...user("5"), id: "user-alice" }), "account:5");
  assert.equal(drafterOf(after(aliceIsIn(), welcomeUser()).me), "user:user-alice");
  assert.equal(drafterOf(aliceIsIn().me), "guest");
});

test("a list that is told again says nothing of what is unread", () => {
  const counted = { read: 1, unread: 2, mentions: 1 };
  const page = after(aliceIsIn(), listed([lounge, summary("salon", counted)]));

  const again = after(page, listed([lounge, summary("salon", { online: 5 })], { counted: false }));
  assert.deepEqual(again.list.rooms.get("salon"), summary("salon", { online: 5, ...counted }));
  assert.equal(after(page, listed([lounge, summary("salon")])).list.rooms.get("salon").unread, undefined);
});

// Where nothing may be said

test("a room says why nothing may be said there", () => {
  const of = (more) => silence(after(aliceIsIn(), room(0, true, more)));
  assert.equal(of({ mode: "read_only", speak: true }), null);
  assert.equal(of({ mode: "read_only", speak: false }), "read_only");
  assert.equal(of({ mode: "archived", speak: false }), "archived");

  const closed = notice({ color: "info", event: "room", title: "Lounge", topic: "", mode: "archived" });
  assert.equal(silence(after(aliceIsIn(), closed)), "archived");
});

test("where guests of the site read, they are told so, and no user is", () => {
  const reads = [{ type: "request_name", guests: "read" }, welcome()];
  assert.equal(silence(after(alice(), ...reads)), "guests");
  assert.equal(silence(after(alice(), ...reads, room(0, true, { speak: false }))), "guests");
  assert.equal(silence(after(alice(), reads[0], welcomeUser())), null);
});

test("a user who may not speak somewhere has no box there, whether they have been there or not", () => {
  const user = after(aliceIsIn(), welcomeUser());
  const news = summary("news", { mode: "read_only", role: "member", speak: false });
  const page = after(user, listed([lounge, news]), open("news"));
  assert.equal(silence(page), "read_only");

  const entered = after(page, { ...room(0, true, { mode: "read_only", speak: false }), room: "news" });
  assert.equal(silence(entered), "read_only");
  assert.equal(silence(after(entered, listed([lounge, { ...news, role: "moderator", speak: true }]))), null);
});

test("where the server refuses words nothing is said until it tells otherwise", () => {
  const refused = after(aliceIsIn(), post("r1"), error("read_only", { ref: "r1" }));
  assert.equal(silence(refused), "read_only");
  assert.equal(silence(after(refused, room(0, true, { speak: true }))), null);

  const typing = after(aliceIsIn(), error("read_only", { command: "typing", room: "lounge" }));
  assert.equal(silence(typing), "read_only");
  assert.deepEqual(current(typing).notices, []);
});

// Wishes

test("a room that Alice has made is shown as soon as she is in it", () => {
    const made = salonIs(0, false, { title: "Salon" });
  const page = after(aliceIsIn(), listed([lounge]), wish(create), made, inSalon(history([])));

  assert.deepEqual([page.slug, page.wish, titleOf(page, "salon")], ["salon", null, "Salon"]);
  assert.equal(current(page).isCaughtUp, true);
  assert.deepEqual(ways(page).salon, "here");
});

test("a room that Alice has made is entered, though she has heard of it, and asked to watch it, before", () => {
    const page = after(aliceIsIn(), listed([lounge]), wish(create), listed([lounge, summary("salon", { role: "owner" })]));
  assert.deepEqual(ways(page), { lounge: "here", salon: "watch" });
  const asked = page.rooms.get("salon").enters;

  const made = after(page, salonIs(0, false, { title: "Salon" }));

  assert.equal(made.slug, "salon");
  assert.deepEqual(ways(made).salon, "here");
  assert.equal(current(made).enters, asked + 1);
});

test("a conversation that there is already is shown at once", () => {
  const bob = { id: "bob", name: "Bob", role: "member" };
  const talk = wish({ kind: "direct", id: "bob" });
  const page = after(aliceIsIn(), listed([lounge, summary("two", { direct: bob })]), talk);
  assert.deepEqual([page.slug, page.wish, titleOf(page, "two")], ["two", null, "Bob"]);

  const asked = after(aliceIsIn(), listed([lounge]), talk);
  assert.deepEqual([asked.slug, asked.wish.kind], ["lounge", "direct"]);
});

test("a wish that is refused is over, and said", () => {
  const page = after(aliceIsIn(), listed([lounge]));
  for (const code of ["rate_limited", "internal", "not_found", "forbidden"]) {
    const refused = after(page, wish({ kind: "direct", id: "bob" }), error(code, { command: "direct" }));
    assert.equal(refused.wish, null);
    assert.equal(current(refused).notices.at(-1).frame.code, code);
  }
  const other = after(page, wish(invite), error("rate_limited", { command: "typing" }));
  assert.deepEqual(other.wish, invite);
});

test("a room that cannot be made is still to be made, and nothing else is taken for it", () => {
  const asked = after(aliceHearsTheSalon(), wish({ ...create, title: "Tea" }));
  const refused = after(asked, error("too_many_rooms", { command: "create" }));
  assert.equal(refused.wish.error, "no: too_many_rooms");
  assert.deepEqual(current(refused).notices, []);

  assert.equal(after(refused, { ...room(0, true), room: "other" }).slug, "lounge");
  assert.equal(after(refused, { type: "cancel", what: "wish" }).wish, null);
});

test("who is a member now was wished for, and is no wish any more", () => {
  const now = inSalon(notice({ color: "success", id: "bob", name: "Bob", role: "member" }));
  const page = after(aliceHearsTheSalon(), wish(invite), now);
  assert.equal(page.wish, null);

  const left = after(aliceIsIn(), wish(invite), now);
  assert.deepEqual([left.wish, current(left).notices], [null, []]);
});

test("who is a member now is told of to whoever wished it, where that does not see the line of the room", () => {
  const now = inSalon(notice({ color: "success", id: "bob", name: "Bob", role: "member" }));
  const page = after(aliceHearsTheSalon(), wish(invite));
  assert.deepEqual(after(page, now).note, { kind: "invited", name: "Bob", title: "Salon" });
  assert.equal(after(page, open("salon"), now).note, null);
  assert.equal(after(aliceHearsTheSalon(), now).note, null);
});

test("whoever belongs to another room now is told so, and led there", () => {
  const [club, two] = [summary("club", { mode: "members", role: "member" }), { id: "bob", name: "Bob", role: "member" }];
  const page = after(aliceIsIn(), listed([lounge, summary("tea")]));

  const told = after(page, listed([lounge, summary("tea"), club]));
  assert.deepEqual(told.note, { kind: "member", name: "Club", slug: "club" });
  assert.equal(after(told, listed([lounge, club]), open("club")).note, null);
  for (const other of [{ direct: two }, { role: "owner" }, { mode: "open" }]) {
    assert.equal(after(page, listed([lounge, { ...club, ...other }])).note, null);
  }
  assert.equal(after(aliceIsIn(), listed([lounge, club])).note, null, "the first list is no news");
});

test("what is wished for without a connection is not done later, and Alice is told", () => {
  const talk = wish({ kind: "direct", id: "bob" });
  for (const page of [after(aliceIsIn(), waiting, talk), after(aliceIsIn(), talk, waiting)]) {
    assert.deepEqual([page.wish, page.note.kind], [null, "offline"]);
    assert.equal(after(page, ...back(0), talk).note, null);
  }
  for (const page of [after(aliceIsIn(), waiting, wish(create)), after(aliceIsIn(), wish(create), waiting)]) {
    assert.equal(page.wish.error, "");
  }
});

// What was read

test("read is what was in sight for a moment, in one room, and it is not said too often", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const pass = (time) => {
    now += time;
    t.mock.timers.tick(time);
  };
  const list = listed([summary("lounge", { read: 0 }), summary("salon", { read: 0 })]);
  const store = new Store(after(aliceIsIn(said("Bob", 1)), list), reduce);
  const told = [];
  new Reading(store, { send: (text) => told.push(JSON.parse(text)) });
  const hear = (...events) => store.dispatch(...events.map(asEvent));

  hear(hidden(false), { type: "look", isAtEnd: false }, { type: "look", isAtEnd: true }, said("Bob", 2));
  pass(900);
  hear(open("salon"));
  pass(200);
  assert.deepEqual(told, [], "the one room was left before, the other has just been opened");

  hear(salonIs(9, false), inSalon(history([inSalon(said("Bob", 9))])));
  pass(1000);
  assert.deepEqual(told.splice(0), [{ type: "read", room: "salon", id: 9 }]);
  hear(inSalon(said("Bob", 10)));
  pass(1000);
  assert.deepEqual(told, []);
  pass(1500);
  assert.deepEqual(told.splice(0), [{ type: "read", room: "salon", id: 10 }]);
  hear(inSalon(said("Bob", 11)));
  pass(1000);
  hear(hidden(true), inSalon(said("Bob", 12)));
  pass(0);
  assert.deepEqual(told, [{ type: "read", room: "salon", id: 11 }], "it was seen, and nobody looks any more");
  assert.equal(unread(store.state, "salon"), 1);
});

function asEvent(event) {
  return isFrame(event) ? { type: "frame", frame: event, at: 0 } : event;
}

function reaction(ref) {
  return { type: "react", ref, room: "lounge", id: 1, emoji: "👍", on: true, at: 0 };
}
