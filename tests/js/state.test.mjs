import assert from "node:assert/strict";
import { test } from "node:test";

import { WINDOW } from "../../chat/static/chat/js/message-window.js";
import { NOTICES, PAGE, cursor } from "../../chat/static/chat/js/room.js";
import { current } from "../../chat/static/chat/js/state.js";
import {
  ack,
  after,
  alice,
  aliceIsIn,
  back,
  connecting,
  crowd,
  deleted,
  error,
  history,
  joined,
  left,
  notice,
  position,
  post,
  queued,
  room,
  said,
  shown,
  turnedAway,
  updated,
  waiting,
  welcome,
} from "./cast.mjs";

const isHidden = (value) => ({ type: "visibility", isHidden: value });
const look = (isAtEnd) => ({ type: "look", isAtEnd });
/** The rest is over that began when the page was `then`. */
const released = (then) => ({ type: "released", rooms: then.rooms });
const many = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => said("Bob", from + index));
const word = (page, id) => current(page).messages.find((message) => message.id === id)?.message;

// Coming in

test("Alice is connected once the room lets her in, not before", () => {
  const page = after(alice(), connecting, welcome());

  assert.equal(page.connection.phase, "connecting");
  assert.equal(after(page, room(0, false)).connection.phase, "connected");
});

test("who Alice is and what she is called, the server says", () => {
  const page = after(alice(), connecting, { ...welcome("Alice 2"), id: "alice-two" });

  assert.deepEqual(page.me, { id: "alice-two", name: "Alice 2", role: "guest", isUser: false, account: "" });
});

test("Alice finds the latest page, and knows whether there is more above", () => {
  const page = after(alice(), connecting, welcome(), room(9, false), history([said("Bob", 9)], true));

  assert.deepEqual(shown(page), [9]);
  assert.equal(current(page).hasEarlier, true);
  assert.equal(current(page).isCaughtUp, true);
  assert.deepEqual(cursor(current(page)), { epoch: "e1", after: 9 });
});

test("where the connection breaks before the page has come, the whole page is asked for again", () => {
  const page = after(alice(), connecting, welcome(), room(9, false), waiting);

  assert.deepEqual(cursor(current(page)), {});
});

test("a connection in doubt is none until it is trusted, and no other is doubted", () => {
  const doubtful = after(aliceIsIn(), { type: "doubtful" });
  assert.equal(doubtful.connection.phase, "doubtful");
  assert.equal(after(doubtful, { type: "trusted" }).connection.phase, "connected");

  const coming = after(alice(), connecting);
  assert.equal(after(coming, { type: "doubtful" }), coming);
  assert.equal(after(coming, { type: "trusted" }), coming);
});

// Versions

test("live messages are shown in turn, and how far they go is remembered", () => {
  const page = after(aliceIsIn(said("Bob", 1)), said("Bob", 2), said("Bob", 3));

  assert.deepEqual(shown(page), [1, 2, 3]);
  assert.equal(cursor(current(page)).after, 3);
});

test("an edit takes the place of the message, and an older state of it changes nothing", () => {
  const first = said("Bob", 1);
  const page = after(aliceIsIn(first), updated(first, 2, { message: "new" }));

  assert.equal(word(page, 1), "new");
  assert.equal(word(after(page, first), 1), "new");
  assert.equal(word(after(page, updated(first, 2, { message: "other" })), 1), "new");
  assert.equal(cursor(current(after(page, first))).after, 2);
});

test("a deleted message stays in its place without its words", () => {
  const first = said("Bob", 1);
  const page = after(aliceIsIn(first, said("Bob", 2)), deleted(first, 3));

  assert.deepEqual(shown(page), [1, 2]);
  assert.equal(current(page).messages[0].deleted, true);
  assert.equal(word(page, 1), undefined);
});

test("behind a hole nothing is shown: what is missing is asked for, once", () => {
  const page = after(aliceIsIn(said("Bob", 1)), said("Bob", 3));
  assert.deepEqual(shown(page), [1]);
  assert.equal(current(page).entering, 1);
  assert.deepEqual(cursor(current(page)), { epoch: "e1", after: 1 });

  const later = after(page, said("Bob", 4));
  assert.equal(current(later).entering, 1);

  const mended = after(later, room(4, true), said("Bob", 2), said("Bob", 3), said("Bob", 4), said("Bob", 5));
  assert.deepEqual(shown(mended), [1, 2, 3, 4, 5]);
  assert.equal(current(mended).entering, 0);
});

test("where versions are left out and the server says so nothing is asked for", () => {
  const [first, second] = [said("Bob", 1), said("Bob", 2)];
  const page = after(aliceIsIn(first), updated(second, 4, { follows: 1 }), said("Bob", 5));
  assert.deepEqual(shown(page), [1, 2, 5]);
  assert.equal(current(page).entering, 0);

  assert.equal(current(after(page, updated(first, 9, { follows: 7 }))).entering, 1);
  const known = after(page, updated(first, 7, { follows: 3 }));
  assert.deepEqual([current(known).entering, cursor(current(known)).after], [0, 7]);
});

test("what is told again is neither shown twice nor takes the page back", () => {
  const page = after(aliceIsIn(said("Bob", 1), said("Bob", 2)), said("Bob", 1), said("Bob", 2));

  assert.deepEqual(shown(page), [1, 2]);
  assert.equal(cursor(current(page)).after, 2);
  assert.equal(current(page).entering, 0);
});

test("a position beyond ours, or in another history, is asked about; ours is not", () => {
  const page = aliceIsIn(said("Bob", 1));

  assert.equal(current(after(page, position(1))).entering, 0);
  assert.equal(current(after(page, position(2))).entering, 1);
  assert.equal(current(after(page, position(1, "e2"))).entering, 1);
});

test("where the server cannot tell what was missed, it is asked again", () => {
  const page = after(aliceIsIn(said("Bob", 1)), said("Bob", 3), error("internal"));
  assert.equal(current(page).entering, 1);

  assert.equal(current(after(page, released(page))).entering, 2);
  assert.equal(current(after(page, released(page), room(3, true))).entering, 0);
  // Two refusals of one question, or an answer in time, make no second question.
  assert.equal(current(after(page, released(page), released(page))).entering, 2);
  assert.equal(current(after(page, room(3, true), released(page))).entering, 0);
});

// Coming back

test("what Alice missed comes in its place, and versions may be left out on the way", () => {
  const page = aliceIsIn(said("Bob", 1), said("Bob", 2));

  const full = after(
    page,
    ...back(8),
    said("Bob", 5),
    updated(said("Bob", 2), 7, { message: "edited" }),
    updated(said("Bob", 4), 8, { message: "new and edited" }),
    said("Bob", 9),
  );

  assert.deepEqual(shown(full), [1, 2, 4, 5, 9]);
  assert.equal(word(full, 2), "edited");
  assert.equal(current(full).entering, 0);
  assert.equal(cursor(current(full)).after, 9);
});

test("a connection that breaks in the middle of what was missed goes on from there", () => {
  const page = after(aliceIsIn(said("Bob", 1)), ...back(5), said("Bob", 3), waiting);

  assert.deepEqual(cursor(current(page)), { epoch: "e1", after: 3 });
});

test("who missed too much gets a page that replaces everything, save what is on its way", () => {
  const page = after(
    aliceIsIn(said("Bob", 1)),
    waiting,
    post("r1"),
    connecting,
    welcome(),
    room(90, false),
    history([said("Bob", 89), said("Bob", 90)], true),
  );

  assert.deepEqual(shown(page), [89, 90]);
  assert.deepEqual(queued(page), ["r1 waiting"]);
});

test("a room that was wiped forgets its old messages, even where the new ones have their ids", () => {
  const fresh = said("Bob", 1, { message: "fresh" });
  const page = after(
    aliceIsIn(said("Bob", 1, { version: 9 }), said("Bob", 2)),
    waiting,
    connecting,
    welcome(),
    room(1, false, { epoch: "e2" }),
    history([fresh]),
  );

  assert.deepEqual(current(page).messages, [fresh]);
  assert.deepEqual(cursor(current(page)), { epoch: "e2", after: 1 });
});

// Saying something

test("what Alice says waits, is sent, and is replaced by what the room hears", () => {
  const page = after(aliceIsIn(said("Bob", 1)), post("r1"), { type: "sent", refs: ["r1"] });
  assert.deepEqual(queued(page), ["r1 sending"]);

  const heard = after(page, said("Alice", 2, { ref: "r1" }));
  assert.deepEqual(queued(heard), []);
  assert.deepEqual(shown(heard), [1, 2]);
  assert.deepEqual(after(heard, ack("r1", 2)), heard);
});

test("an acknowledged message stays until the room tells it, and not longer", () => {
  const page = after(aliceIsIn(said("Bob", 1)), post("r1"), { type: "sent", refs: ["r1"] }, ack("r1", 3));
  assert.deepEqual(queued(page), ["r1 stored"]);

  assert.deepEqual(queued(after(page, said("Bob", 2))), ["r1 stored"]);
  assert.deepEqual(queued(after(page, said("Bob", 2), said("Alice", 3, { ref: "r1" }))), []);
});

test("an acknowledgement of something that was told long ago settles it", () => {
  const page = after(aliceIsIn(said("Bob", 1), said("Bob", 9)), post("r1"), ack("r1", 4));

  assert.deepEqual(queued(page), []);
});

test("Bob does not settle what Alice said by using her ref", () => {
  const page = after(aliceIsIn(), post("r1"), said("Bob", 1, { ref: "r1" }));

  assert.deepEqual(queued(page), ["r1 waiting"]);
});

test("an edit is settled by its acknowledgement, not by the ref of the message", () => {
  const own = said("Alice", 1, { ref: "r0" });
  const edit = { type: "edit", ref: "r1", room: "lounge", id: 1, message: "new", at: 0 };
  const page = after(aliceIsIn(own), { type: "change", change: edit }, { type: "sent", refs: ["r1"] });

  assert.deepEqual(queued(after(page, updated(own, 2))), ["r1 sending"]);
  assert.deepEqual(queued(after(page, updated(own, 2), ack("r1", 1, 2))), []);
  assert.deepEqual(queued(after(page, ack("r1", 1, 2), updated(own, 2))), []);
});

test("what the page shows already is not sent again by whoever adopts it", () => {
  const items = ["r1", "r2"].map((ref) => ({
    type: "message",
    ref,
    room: "lounge",
    message: "x",
    at: 1,
    status: "waiting",
  }));
  const page = after(aliceIsIn(said("Alice", 1, { ref: "r1" })), { type: "adopted", items, at: 2 });

  assert.deepEqual(queued(page), ["r2 waiting"]);
});

test("a message whose connection died twice waits for Alice; one she hung up on herself does not", () => {
  const sent = { type: "sent", refs: ["r1"] };
  const once = after(aliceIsIn(), post("r1"), sent, ...back(0));
  assert.deepEqual(queued(once), ["r1 waiting"]);
  assert.deepEqual(queued(after(once, sent, waiting)), ["r1 failed"]);

  assert.deepEqual(queued(after(aliceIsIn(), post("r1"), sent, connecting, sent, connecting)), ["r1 waiting"]);
});

test("what is refused is said on the message, what has no message as a line of the room", () => {
  const page = after(aliceIsIn(said("Bob", 1)), post("r1"));
  const refused = after(page, error("empty", { ref: "r1" }));
  assert.equal(refused.outbox[0].reason, "no: empty");
  assert.deepEqual(current(refused).notices, []);

  const react = { type: "react", ref: "r2", room: "lounge", id: 1, emoji: "👍", on: true, at: 0 };
  const other = after(page, { type: "change", change: react }, error("too_large", { ref: "r2" }));
  assert.deepEqual(queued(other), ["r1 waiting"]);
  assert.equal(current(other).notices[0].frame.message, "no: too_large");
  assert.equal(current(after(page, error("internal"))).notices.length, 1);
  assert.equal(after(page, error("internal", { ref: "nobody's" })), page);
});

test("a complaint that comes again is one line until somebody speaks", () => {
  const complaints = (page) => current(page).notices.map(({ key }) => key);
  const page = after(aliceIsIn(said("Bob", 1)), error("not_found"), joined("Carol"), error("not_found"));
  assert.deepEqual(complaints(page), ["notice-2", "notice-1"]);

  assert.equal(complaints(after(page, error("forbidden"))).length, 3);
  assert.equal(complaints(after(page, said("Bob", 2), error("not_found"))).length, 3);
});

// The composer

test("Alice edits her last message that is still there", () => {
  const page = aliceIsIn(said("Alice", 1), deleted(said("Alice", 2), 3), said("Bob", 4));

  assert.deepEqual(after(page, { type: "edit_last" }).composing, { kind: "edit", id: 1 });
  assert.equal(after(aliceIsIn(said("Bob", 1)), { type: "edit_last" }).composing, null);
});

test("what Alice posts is an edit, an answer or a new message, whatever the composer is about", () => {
  const page = aliceIsIn(said("Alice", 1), said("Bob", 2));
  const composed = (composing) =>
    after(page, { type: "compose", composing }, post("r1")).outbox.map(({ type, id, reply_to }) => ({
      type,
      id,
      reply_to,
    }));

  assert.deepEqual(composed({ kind: "edit", id: 1 }), [{ type: "edit", id: 1, reply_to: undefined }]);
  assert.deepEqual(composed({ kind: "reply", id: 2 }), [{ type: "message", id: undefined, reply_to: 2 }]);
  assert.deepEqual(composed(null), [{ type: "message", id: undefined, reply_to: undefined }]);
  assert.equal(after(page, { type: "compose", composing: { kind: "edit", id: 1 } }, post("r1")).composing, null);
});

test("nobody goes on editing or answering what is gone", () => {
  const first = said("Alice", 1);
  const page = after(aliceIsIn(first), { type: "compose", composing: { kind: "edit", id: 1 } });

  assert.equal(after(page, deleted(first, 2)).composing, null);
  assert.notEqual(after(page, updated(first, 2)).composing, null);
});

// Scrolling

test("what is above is asked for once, and goes in front", () => {
  const page = after(alice(), connecting, welcome(), room(60, false), history(many(51, 60), true));
  const asking = after(page, { type: "earlier" });
  assert.deepEqual(current(asking).asking, { before: 51 });
  assert.equal(after(asking, { type: "earlier" }), asking);

  const full = after(asking, history(many(41, 50), false));
  assert.deepEqual(shown(full).slice(0, 2), [41, 42]);
  assert.equal(current(full).hasEarlier, false);
  assert.equal(after(full, { type: "earlier" }), full);
});

test("a page that nobody waits for any more changes nothing", () => {
  const page = after(alice(), connecting, welcome(), room(60, false), history(many(51, 60), true));

  const replaced = after(
    page,
    { type: "earlier" },
    { type: "seek", id: 7 },
    history(many(41, 50), true),
    history(many(5, 9), true),
  );

  assert.deepEqual(shown(replaced), [5, 6, 7, 8, 9]);
  assert.deepEqual(shown(after(page, { type: "earlier" }, ...back(60), history(many(41, 50)))), shown(page));
});

test("what the server could not answer is asked again, once, and then answered", () => {
  const page = after(alice(), connecting, welcome(), room(60, false), history(many(51, 60), true));
  const asking = after(page, { type: "earlier" }, error("rate_limited", { retry_after: 2 }));

  assert.equal(after(asking, { type: "earlier" }), asking);
  const again = after(asking, released(asking));
  assert.deepEqual(current(again).sent, { before: 51 });
  assert.notEqual(current(again).sent, current(asking).sent);
  assert.equal(after(again, released(asking)), again);
  assert.equal(shown(after(again, history(many(41, 50), true)))[0], 41);
});

test("one question is on its way at a time, and two that fail keep nobody waiting", () => {
  const page = after(alice(), connecting, welcome(), room(60, false), history(many(51, 60), true));
  const asking = after(page, { type: "earlier" }, { type: "seek", id: 7 });
  assert.deepEqual(current(asking).sent, { before: 51 });

  // The first was refused, the second was not sent; with both refused, it is the same.
  const again = after(asking, error("internal"), error("internal"), released(asking), released(asking));
  assert.deepEqual(current(again).sent, { around: 7 });

  const found = after(again, history(many(5, 9), true));
  assert.deepEqual(shown(found), [5, 6, 7, 8, 9]);
  assert.equal(found.seeking, 7);
  assert.equal(current(found).sent, null);
  assert.deepEqual(current(after(found, { type: "earlier" })).sent, { before: 5 });
});

test("a page that is denied for good is not asked for again, and the room says why", () => {
  const page = after(alice(), connecting, welcome(), room(60, false), history(many(51, 60), true));

  const denied = after(page, { type: "earlier" }, error("not_found"));

  assert.equal(current(denied).asking, null);
  assert.equal(after(denied, { type: "earlier" }), denied);
  assert.equal(current(denied).notices.length, 1);
  assert.deepEqual(shown(denied), shown(page));
});

test("a question that was one too many is asked again without a word", () => {
  const page = after(alice(), connecting, welcome(), room(60, false), history(many(51, 60), true));
  const asking = after(page, { type: "earlier" });

  assert.equal(after(asking, error("rate_limited", { retry_after: 2 })), asking);
});

test("a page that brings nothing is the last, whatever the server says of more", () => {
  const page = after(alice(), connecting, welcome(), room(60, false), history(many(51, 60), true));

  for (const nothing of [[], many(51, 52)]) {
    const end = after(page, { type: "earlier" }, history(nothing, true));
    assert.equal(current(end).hasEarlier, false);
    assert.equal(after(end, { type: "earlier" }), end);
  }
  const above = after(page, { type: "seek", id: 7 }, history(many(5, 9), true));
  const down = after(above, { type: "later" }, history([], true));
  assert.equal(after(down, { type: "later" }), down);
  assert.equal(current(after(alice(), connecting, welcome(), room(0, false), history([], true))).hasEarlier, false);
});

test("a message that is not there to be looked for takes no other away", () => {
  const page = after(alice(), connecting, welcome(), room(60, false), history(many(51, 60), true));

  const sought = after(page, { type: "seek", id: 7 }, history([], true));

  assert.deepEqual(shown(sought), shown(page));
  assert.equal(sought.seeking, null);
});

test("the page stays small: at the end the oldest messages go, and can be had again", () => {
  const page = after(aliceIsIn(), ...many(1, WINDOW + 20));

  assert.equal(shown(page).length, WINDOW);
  assert.equal(shown(page).at(-1), WINDOW + 20);
  assert.equal(current(page).hasEarlier, true);
});

test("far above the newest messages go, and come back on the way down, without a hole", () => {
  const count = WINDOW + PAGE;
  const start = after(alice(), connecting, welcome(), room(count, false), history(many(101, count), true));
  const up = after(start, look(false), { type: "earlier" }, history(many(51, 100), true));
  const top = after(up, { type: "earlier" }, history(many(1, 50), false));
  assert.equal(shown(top).length, WINDOW);
  assert.equal(current(top).hasLater, true);

  const asking = after(top, said("Bob", count + 1), { type: "later" });
  assert.deepEqual(current(asking).asking, { after: WINDOW });
  const down = after(asking, said("Bob", count + 2), history(many(WINDOW + 1, count + 1), false));

  assert.equal(shown(down).at(-1), count + 2);
  assert.deepEqual(shown(down), many(count + 3 - WINDOW, count + 2).map(({ id }) => id));
  assert.equal(current(down).hasLater, false);
  assert.deepEqual(current(down).beyond, []);
});

test("who reads far above keeps the ground under their feet while others talk", () => {
  const page = after(aliceIsIn(...many(1, WINDOW)), look(false), said("Bob", WINDOW + 1));

  assert.equal(shown(page)[0], 1);
  assert.equal(current(page).hasLater, true);
  assert.deepEqual(
    current(page).beyond.map(({ id }) => id),
    [WINDOW + 1],
  );
  assert.equal(cursor(current(page)).after, WINDOW + 1);
});

test("a page that is older than what was told meanwhile brings nothing old back", () => {
  const page = after(alice(), connecting, welcome(), room(60, false), history(many(51, 60), true));

  const full = after(
    page,
    { type: "earlier" },
    updated(said("Bob", 45), 61, { message: "newer" }),
    history(many(41, 50), true),
  );

  assert.equal(word(full, 45), "newer");
});

test("the latest is one step away, and whoever says something is there", () => {
  const page = after(aliceIsIn(...many(1, WINDOW)), look(false), said("Bob", WINDOW + 1));
  assert.equal(current(after(aliceIsIn(said("Bob", 1)), { type: "latest" })).asking, null);

  for (const event of [{ type: "latest" }, post("r1")]) {
    const asking = after(page, event);
    assert.deepEqual(current(asking).asking, {});
    const end = after(asking, history(many(WINDOW - 48, WINDOW + 1), true));
    assert.equal(shown(end).at(-1), WINDOW + 1);
    assert.equal(current(end).hasLater, false);
    assert.equal(current(end).hasEarlier, true);
  }
});

test("an old message is looked for around it, unless it is here", () => {
  const page = after(alice(), connecting, welcome(), room(60, false), history(many(51, 60), true));
  assert.equal(current(after(page, { type: "seek", id: 55 })).asking, null);
  assert.equal(after(page, { type: "seek", id: 55 }).seeking, 55);

  const found = after(page, { type: "seek", id: 20 }, history(many(15, 25), true));
  assert.equal(found.seeking, 20);
  assert.equal(current(found).hasLater, true);
  assert.equal(after(found, { type: "revealed" }).seeking, null);
  assert.equal(after(page, { type: "seek", id: 20 }, history([], false)).seeking, null);
});

// The rest

test("the room says how many are here", () => {
  const page = aliceIsIn();

  assert.equal(current(page).online, 1);
  assert.equal(current(after(page, joined("Bob", { online: 2 }))).online, 2);
  assert.equal(current(after(page, joined("Bob", { online: 2 }), left("Bob", { online: 1 }))).online, 1);
});

test("names are known from whoever was here or has spoken", () => {
  const page = after(aliceIsIn(said("Bob", 1)), joined("Carol"), said("Dave", 2));

  assert.deepEqual(Object.fromEntries(page.people), { alice: "Alice", bob: "Bob", carol: "Carol", dave: "Dave" });
});

test("who calls themselves what every object has is a stranger like any other", () => {
  for (const id of ["constructor", "__proto__", "toString"]) {
    const mallory = { sender_id: id, sender: "Mallory" };

    assert.equal(after(aliceIsIn(), said("Bob", 1)).people.get(id), undefined);
    assert.equal(after(aliceIsIn(), said("Mallory", 1, mallory)).people.get(id), "Mallory");
    assert.equal(after(aliceIsIn(said("Mallory", 1, mallory))).people.get(id), "Mallory");

    const page = aliceIsIn();
    assert.equal(after(page, said("Bob", 1, { room: id })), page);
    assert.equal(after(page, joined("Bob", { room: id })), page);
  }
});

test("the reason for a close is what the server has said about it, on this connection", () => {
  const closing = { type: "closing", code: 4503, reason: "too late" };

  assert.equal(after(aliceIsIn(), closing, { type: "stopped" }).connection.reason, "too late");
  assert.equal(after(aliceIsIn(), closing, ...back(0), { type: "stopped" }).connection.reason, "");
});

test("who is turned away before the handshake hears why at the connection, not in the room", () => {
  const page = after(alice(), connecting, turnedAway("too_many_connections"), { type: "stopped" });

  assert.deepEqual(page.connection, {
    phase: "stopped",
    reason: "no: too_many_connections",
    code: "too_many_connections",
  });
  assert.deepEqual(current(page).notices, []);
  assert.equal(after(page, connecting, { type: "stopped" }).connection.reason, "");
});

test("a warning to somebody who is in stays a line of the room", () => {
  const page = after(aliceIsIn(), turnedAway("bad_json"), { type: "stopped" });

  assert.equal(current(page).notices.length, 1);
  assert.equal(page.connection.reason, "");
});

test("messages count as unread while nobody looks: Bob's, not Alice's, and no notices", () => {
  const page = after(
    aliceIsIn(),
    isHidden(true),
    said("Bob", 1),
    said("Alice", 2),
    joined("Carol"),
    said("Bob", 3),
    updated(said("Bob", 1), 4),
  );

  assert.equal(page.unread, 2);
  assert.equal(after(page, isHidden(false)).unread, 0);
  assert.equal(after(page, isHidden(false), said("Bob", 5)).unread, 0);
});

test("the history that opens a hidden page is old news, what was missed is not", () => {
  const opened = after(alice(), isHidden(true), connecting, welcome(), room(1, false), history([said("Bob", 1)]));
  assert.equal(opened.unread, 0);

  assert.equal(after(opened, ...back(2), said("Bob", 2)).unread, 1);
  const replaced = [waiting, connecting, welcome(), room(3, false), history([said("Bob", 1), said("Bob", 3)])];
  assert.equal(after(opened, ...replaced).unread, 1);
});

test("a busy door pushes no talk out", () => {
  const crowd = Array.from({ length: NOTICES * 2 }, (_, index) => joined(`Guest ${index}`));

  const page = after(aliceIsIn(said("Bob", 1)), ...crowd);

  assert.deepEqual(shown(page), [1]);
  assert.equal(current(page).notices.length, NOTICES);
  assert.equal(current(page).notices.at(-1).frame.name, `Guest ${NOTICES * 2 - 1}`);
});

test("a crowd that comes and goes is one line, which counts on until somebody speaks", () => {
  const numbers = (page) =>
    current(page).notices.map(({ key, frame, after: id }) => [key, frame.came, frame.went, id]);
  const page = after(aliceIsIn(said("Bob", 1)), crowd(12, 3, { online: 480 }), crowd(0, 1, { online: 479 }));
  assert.deepEqual(numbers(page), [["notice-1", 12, 4, 1]]);
  assert.equal(current(page).online, 479);

  const later = after(page, said("Bob", 2), crowd(1, 0), updated(said("Bob", 2), 3), crowd(1, 1));
  assert.deepEqual(numbers(later), [
    ["notice-1", 12, 4, 1],
    ["notice-3", 2, 1, 2],
  ]);
});

test("where a room is now large and now small, the line of the crowd stays one", () => {
  const hover = Array.from({ length: NOTICES }, () => [crowd(1, 0), left("Carol")]).flat();

  const page = after(aliceIsIn(), joined("Bob"), ...hover);

  const crowds = current(page).notices.filter(({ frame }) => frame.event === "crowd");
  assert.deepEqual(
    crowds.map(({ frame }) => [frame.came, frame.went]),
    [[NOTICES, 0]],
  );
  assert.equal(new Set(current(page).notices.map(({ key }) => key)).size, current(page).notices.length);
});

test("what the room is called is known as soon as it is told, of this room alone", () => {
  const renamed = (more) => notice({ color: "info", event: "room", ...more });
  const title = (page) => current(page).title;
  const page = after(alice(), connecting, welcome(), room(0, false, { title: "Lobby" }));

  assert.equal(title(alice()), null);
  assert.equal(title(page), "Lobby");
  assert.equal(title(after(page, renamed({ title: "Salon" }))), "Salon");
  assert.equal(title(after(page, renamed({ topic: "Tea" }))), "Lobby");
  assert.equal(title(after(page, renamed({ room: "elsewhere", title: "Salon" }))), "Lobby");
});

test("a room the page is not in changes nothing, nor does an answer that says nothing", () => {
  const page = aliceIsIn();

  assert.equal(after(page, { type: "pong", n: 1 }), page);
  assert.equal(after(page, said("Bob", 1, { room: "elsewhere" })), page);
});
