/** The page: what happens goes through `reduce`, and what comes out is shown. Everything meets here. */

import "./elements/chat-composer.js";
import "./elements/chat-day.js";
import "./elements/chat-log.js";
import "./elements/chat-message.js";
import "./elements/chat-notice.js";
import "./elements/connection-line.js";
import "./elements/delete-dialog.js";
import "./elements/message-actions.js";
import "./elements/name-dialog.js";
import "./elements/online-count.js";
import "./elements/own-name.js";
import { hear } from "./elements/tell.js";
import { refuseDrops } from "./drops.js";
import * as memory from "./memory.js";
import * as outbox from "./outbox.js";
import * as protocol from "./protocol.js";
import { randomHex } from "./random.js";
import * as rooms from "./room.js";
import { rows } from "./rows.js";
import { Shelf } from "./shelf.js";
import { Socket } from "./socket.js";
import { begin, current, reduce } from "./state.js";

/** Where the server cannot answer and does not say how long, this many seconds pass until it is asked again. */
const REST = 5;

const { room: slug, socketPath } = document.body.dataset;
let roomTitle = document.title;
const page = {
  actions: document.querySelector("message-actions"),
  composer: document.querySelector("chat-composer"),
  connection: document.querySelector("connection-line"),
  deletion: document.querySelector("delete-dialog"),
  dialog: document.querySelector("name-dialog"),
  log: document.querySelector("chat-log"),
  name: document.querySelector("own-name"),
  online: document.querySelector("online-count"),
};

let state = begin({ id: memory.identity().id, name: memory.recallName() }, slug);
let painting = null;

const shelf = new Shelf();
const socket = new Socket(() => {
  const address = new URL(`${socketPath}${memory.identity().id}/`, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
});

// What the connection tells

socket.addEventListener("connecting", () => dispatch({ type: "connecting" }));
socket.addEventListener("waiting", ({ detail }) => dispatch({ type: "waiting", until: detail }));
socket.addEventListener("doubtful", () => dispatch({ type: "doubtful" }));
socket.addEventListener("trusted", () => dispatch({ type: "trusted" }));
socket.addEventListener("stopped", () => dispatch({ type: "stopped" }));
socket.addEventListener("frame", ({ detail }) => {
  const frames = protocol.parse(detail);
  // All of them first: what was missed may show that something need not be sent again.
  dispatch(...frames.map((frame) => ({ type: frame.type, frame, at: Date.now() })));
  frames.forEach(answer);
});

function answer(frame) {
  switch (frame.type) {
    case "request_name":
      return socket.send(protocol.reply(introduction()));
    case "welcome":
      return memory.rememberIdentity(frame);
    case "room":
      return showTitle(frame);
    case "notification":
      return frame.event === "room" && showTitle(frame);
    case "closing":
      return socket.heed(frame);
    case "error":
      if (frame.ref === undefined) wait(frame);
  }
}

/** The room may be called otherwise by now. */
function showTitle({ room, title }) {
  if (room !== slug || !title) return;
  roomTitle = title;
  document.querySelector(".room-title").textContent = title;
}

function introduction() {
  return {
    name: memory.recallName() ?? "",
    token: memory.identity().token,
    lang: document.documentElement.lang,
    rooms: Object.fromEntries(Array.from(state.rooms, ([slug, room]) => [slug, rooms.cursor(room)])),
  };
}

/** The server could not let us in, or not tell what we asked: both are asked again in a while. */
function wait({ retry_after }) {
  if (state.connection.phase === "connected") {
    const { rooms: then } = state;
    setTimeout(() => dispatch({ type: "released", rooms: then }), (retry_after ?? REST) * 1000);
  } else {
    socket.heed({ retry_after });
    socket.drop();
  }
}

// What the person does

const doing = {
  name: enterAs,
  rename: ask,
  connect: enter,
  draft: (text) => memory.rememberDraft(slug, text),
  post: say,
  edit: (id) => compose("edit", id),
  "edit-last": () => dispatch({ type: "edit_last" }),
  reply: (id) => compose("reply", id),
  dismiss: () => dispatch({ type: "compose", composing: null }),
  actions: ({ id, from }) => page.actions.open(message(id), from),
  react: ({ id, emoji, on }) => change({ type: "react", id, emoji, on }),
  erase: (id) => page.deletion.ask(id),
  "erase-surely": (id) => change({ type: "delete", id }),
  retry: (ref) => dispatch({ type: "retry", ref }),
  discard: (ref) => dispatch({ type: "discard", ref }),
  seek: (id) => dispatch({ type: "seek", id }),
  earlier: () => dispatch({ type: "earlier" }),
  later: () => dispatch({ type: "later" }),
  latest: () => dispatch({ type: "latest" }),
  look: (isAtEnd) => dispatch({ type: "look", isAtEnd }),
};
hear(document, doing);
document.addEventListener("visibilitychange", look);
addEventListener("pagehide", () => memory.leaveDraft(slug));
refuseDrops(document);
// Neither word is the truth: a page of this very machine needs no network, and a network may lead nowhere.
addEventListener("online", () => socket.hurry());
addEventListener("offline", () => socket.doubt());

page.composer.restore(memory.recallDraft(slug));
shelf.adopt((items) => dispatch({ type: "adopted", items }));
look();
enter();
comeAlive();

/** Everything has loaded: see boot.js, which may have lost its patience before. */
function comeAlive() {
  document.body.toggleAttribute("data-alive", true);
  document.querySelector("[data-dead]").hidden = true;
}

/** Whoever has given a name goes straight in. */
function enter() {
  if (memory.recallName() === null) return ask();
  socket.open();
  page.composer.focus();
}

function enterAs(name) {
  const isNew = name !== memory.recallName();
  memory.rememberName(name);
  if (isNew || state.connection.phase !== "connected") enter();
  else page.composer.focus();
}

function ask() {
  page.dialog.ask(memory.recallName() ?? "");
}

function say(text) {
  const isEdit = state.composing?.kind === "edit";
  if (isEdit && message(state.composing.id)?.message === text) return doing.dismiss();
  dispatch({ type: "post", ...stamp(), message: text, timestamp: new Date().toISOString() });
  if (!isEdit) page.log.toLatest();
}

function compose(kind, id) {
  dispatch({ type: "compose", composing: { kind, id } });
}

function change(wanted) {
  dispatch({ type: "change", change: { ...stamp(), room: slug, ...wanted } });
}

function stamp() {
  return { ref: randomHex(8), at: Date.now() };
}

function look() {
  dispatch({ type: "visibility", isHidden: document.hidden });
  if (!document.hidden) socket.hurry();
}

function message(id) {
  const frame = rooms.find(current(state), id);
  return frame && { ...frame, isOwn: frame.sender_id === state.me?.id, me: state.me?.id };
}

// What comes of it

function dispatch(...events) {
  const before = state;
  state = events.reduce(reduce, state);
  if (state === before) return;
  follow(before);
  // Gathers a burst of frames. An animation frame would not come in a hidden tab, whose title counts on.
  painting ??= setTimeout(paint, 16);
}

/** What is to be done about what has changed. */
function follow(before) {
  for (const [slug, room] of state.rooms) askFor(room, before.rooms.get(slug));
  if (state.composing !== before.composing) showComposing();
  if (state.outbox !== before.outbox) {
    shelf.keep(outbox.keepsake(state.outbox));
    const wasResting = ({ ref }) => outbox.find(before.outbox, ref)?.status === "resting";
    state.outbox.filter((item) => item.status === "resting" && !wasResting(item)).forEach(letRest);
  }
  sendDue();
}

function askFor(room, before) {
  if (room.entering > before.entering) socket.send(protocol.enter(room.slug, rooms.cursor(room)));
  if (room.sent && room.sent !== before.sent) {
    socket.send(protocol.history(room.slug, room.sent, rooms.PAGE));
  }
}

function letRest({ ref, rest }) {
  setTimeout(() => dispatch({ type: "rested", ref }), rest * 1000);
}

function sendDue() {
  if (state.connection.phase !== "connected") return;
  const sent = outbox.due(state.outbox).filter((item) => socket.send(protocol.command(item)));
  if (sent.length > 0) dispatch({ type: "sent", refs: sent.map(({ ref }) => ref) });
}

function showComposing() {
  const { composing } = state;
  page.composer.compose(composing && { ...composing, ...pick(message(composing.id)) });
}

function pick(frame) {
  return { author: frame?.sender ?? "", text: frame?.message ?? "" };
}

function paint() {
  painting = null;
  const room = current(state);
  const isConnected = state.connection.phase === "connected";
  page.connection.show(state.connection);
  page.online.show(isConnected ? room.online : null);
  page.name.show(state.connection.phase === "outside" ? memory.recallName() : state.me.name);
  page.log.show({
    rows: rows(state),
    beyond: room.beyond.filter(({ sender_id }) => sender_id !== state.me.id),
    hasEarlier: room.hasEarlier,
    hasLater: room.hasLater,
    loading: room.asking,
    isConnected,
    isCaughtUp: room.isCaughtUp,
    isLimited: state.outbox.some(outbox.isLimited),
  });
  if (state.seeking !== null && page.log.reveal(state.seeking)) dispatch({ type: "found" });
  document.title = state.unread ? `(${state.unread}) ${roomTitle}` : roomTitle;
}
