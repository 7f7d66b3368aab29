/** The page: what happens goes through `reduce`, and what comes out is shown. Everything meets here. */

import "./elements/chat-composer.js";
import "./elements/chat-day.js";
import "./elements/chat-log.js";
import "./elements/chat-message.js";
import "./elements/chat-notice.js";
import "./elements/connection-line.js";
import "./elements/name-dialog.js";
import "./elements/own-name.js";
import { fetchHistory } from "./history.js";
import * as memory from "./memory.js";
import { parse, post, reply } from "./protocol.js";
import { rows } from "./rows.js";
import { Socket } from "./socket.js";
import { begin, reduce } from "./state.js";

const { room, socketPath, historyPath } = document.body.dataset;
const roomTitle = document.title;
const page = {
  composer: document.querySelector("chat-composer"),
  connection: document.querySelector("connection-line"),
  dialog: document.querySelector("name-dialog"),
  log: document.querySelector("chat-log"),
  name: document.querySelector("own-name"),
};

const clientId = memory.clientId();
let state = begin(clientId);
let painting = null;
let leaving = new AbortController();

const address = new URL(`${socketPath}${clientId}/`, location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
const socket = new Socket(address.href);

// What the connection tells

socket.addEventListener("connecting", () => dispatch({ type: "connecting" }));
socket.addEventListener("waiting", ({ detail }) => dispatch({ type: "waiting", until: detail }));
socket.addEventListener("stopped", () => dispatch({ type: "stopped" }));
socket.addEventListener("frame", ({ detail }) => {
  const frame = parse(detail);
  if (frame?.type === "request_name") socket.send(reply(memory.recallName() ?? ""));
  else if (frame) dispatch({ type: frame.type, frame, at: Date.now() });
});

// What the person does

document.addEventListener("name", ({ detail }) => {
  const isNew = detail !== memory.recallName();
  memory.rememberName(detail);
  if (isNew || state.connection.phase !== "connected") enter();
  else page.composer.focus();
});
document.addEventListener("rename", ask);
document.addEventListener("connect", enter);
document.addEventListener("draft", ({ detail }) => memory.rememberDraft(room, detail));
document.addEventListener("post", (event) => {
  const message = event.detail;
  const timestamp = new Date().toISOString();
  if (socket.send(post(message, timestamp))) dispatch({ type: "sent", message, timestamp });
  else event.preventDefault();
});
document.addEventListener("visibilitychange", look);
addEventListener("online", () => socket.hurry());

page.composer.restore(memory.recallDraft(room));
look();
enter();

/** Whoever has given a name goes straight in. */
function enter() {
  if (memory.recallName() === null) return ask();
  socket.open();
  page.composer.focus();
}

function ask() {
  page.dialog.ask(memory.recallName() ?? "");
}

function look() {
  dispatch({ type: "visibility", isHidden: document.hidden });
  if (!document.hidden) socket.hurry();
}

function dispatch(event) {
  const before = state;
  state = reduce(state, event);
  if (state.connection.phase !== before.connection.phase) follow(state.connection.phase);
  // Gathers a burst of frames. An animation frame would not come in a hidden tab, whose title counts on.
  painting ??= setTimeout(paint, 16);
}

/** What is to be done when the connection has come to a new phase. */
function follow(phase) {
  leaving.abort();
  leaving = new AbortController();
  if (phase === "connected") catchUp(leaving.signal);
}

async function catchUp(signal) {
  const messages = await fetchHistory(historyPath, signal);
  if (signal.aborted) return;
  dispatch({ type: "history", messages });
  if (state.lost.length === 0) return;
  // Said into a connection that was already dead: back into the box with it.
  page.composer.restore(state.lost.map(({ message }) => message).join("\n"));
  dispatch({ type: "given_back" });
}

function paint() {
  painting = null;
  page.connection.show(state.connection);
  page.name.show(state.name ?? memory.recallName());
  page.composer.show(state.connection.phase === "connected");
  page.log.show(rows(state), state.isCaughtUp);
  document.title = state.unread ? `(${state.unread}) ${roomTitle}` : roomTitle;
}
