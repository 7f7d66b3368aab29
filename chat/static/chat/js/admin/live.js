/**
 * The live view of a room in the admin. The server says what is to be seen, as a page; what is new of it comes
 * into this one. The socket of the chat rings where something was said: it need not, the page asks in any case.
 */

import * as protocol from "../protocol.js";
import { Socket } from "../socket.js";
import { ask, exchange, Rounds } from "./refresh.js";

/** How many messages the page keeps. */
const KEPT = 300;

const live = /** @type {HTMLElement} */ (document.getElementById("live"));
const talk = /** @type {HTMLElement} */ (document.getElementById("talk"));
const { page: here = "", room = "", socket: address = "" } = live.dataset;
let isTold = false;

const rounds = new Rounds(
  async () => {
    const { version = "", epoch = "" } = talk.dataset;
    const page = await ask(`${here}?${new URLSearchParams({ after: version, epoch })}`);
    // Whoever is signed out is asked to sign in.
    if (!page.getElementById("talk")) return location.reload();
    hear(page);
  },
  () => Number(isTold ? live.dataset.every : live.dataset.everyWithoutSocket),
);

document.addEventListener("click", choose);
document.addEventListener("submit", act);
talk.scrollTop = talk.scrollHeight;
if (address) listen();

/** What a page of the server has that is new. @type {(page: Document) => void} */
function hear(page) {
  for (const part of document.querySelectorAll("[data-fresh]")) exchange(part, page);
  const news = page.getElementById("talk");
  if (!news) return;
  const isAtEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 40;
  const rows = [...news.children];
  if (news.dataset.whole === "yes") talk.replaceChildren(...rows);
  else rows.forEach(put);
  while (talk.children.length > KEPT) talk.firstElementChild?.remove();
  Object.assign(talk.dataset, { version: news.dataset.version, epoch: news.dataset.epoch });
  if (isAtEnd) talk.scrollTop = talk.scrollHeight;
}

/** A row takes the place of what it was, or comes behind all that is older. @type {(row: Element) => void} */
function put(row) {
  const before = document.getElementById(row.id);
  if (before) return exchangeRow(before, row);
  const last = talk.lastElementChild;
  // What is older than all that is here was changed, and is not shown.
  if (!last || number(row) > number(last)) talk.append(row);
}

/** @type {(before: Element, row: Element) => void} */
function exchangeRow(before, row) {
  const hadFocus = before.contains(document.activeElement);
  before.replaceWith(row);
  if (hadFocus) /** @type {HTMLElement | null} */ (row.querySelector(".chat-button"))?.focus();
}

/** @type {(row: Element) => number} */
function number(row) {
  return Number(row.id.slice(1));
}

/** Whom or what a moderator chooses is shown beside the talk. @type {(event: MouseEvent) => void} */
function choose(event) {
  const link = /** @type {Element} */ (event.target).closest?.("a[data-choose]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const address = new URL(/** @type {HTMLAnchorElement} */ (link).href);
  const wanted = new URL(here, location.href);
  wanted.search = address.search;
  void rounds.instead(async () => {
    const page = await ask(wanted.href).catch(() => null);
    if (!page?.getElementById("chosen")) return location.assign(wanted);
    const chosen = /** @type {HTMLElement} */ (document.getElementById("chosen"));
    exchange(chosen, page);
    // So that a reload shows the same.
    history.replaceState(null, "", wanted);
    chosen.scrollIntoView({ block: "nearest" });
    /** @type {HTMLElement | null} */ (chosen.querySelector("input:not([type=hidden]), a"))?.focus();
  });
}

/** What a form asks for is done without leaving the page. @type {(event: SubmitEvent) => void} */
function act(event) {
  const form = /** @type {HTMLFormElement} */ (event.target);
  // A form that is none of these brings a file.
  if (!form.matches("#live .chat-form")) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  void rounds.instead(async () => {
    const page = await ask(form.action, { method: "POST", body }).catch(() => null);
    // The server asks first, or refuses, or is gone: then the browser shows what it says.
    if (!page?.getElementById("live")) return leave(form, event.submitter);
    for (const part of document.querySelectorAll("[data-done]")) {
      if (part.contains(form) || !isTouched(part)) exchange(part, page);
    }
    document.getElementById("said-back")?.scrollIntoView({ block: "nearest" });
    hear(page);
  });
}

/** @type {(form: HTMLFormElement, submitter: HTMLElement | null) => void} */
function leave(form, submitter) {
  document.removeEventListener("submit", act);
  form.requestSubmit(submitter);
}

/** Whether somebody has written something there. @type {(part: Element) => boolean} */
function isTouched(part) {
  const fields = /** @type {NodeListOf<HTMLInputElement | HTMLTextAreaElement>} */ (
    part.querySelectorAll("input:not([type=hidden]), textarea")
  );
  return [...fields].some((field) => field.value !== field.defaultValue);
}

/** Have the socket of the chat ring. One watches the room, and so is in no list of those who are there. */
function listen() {
  const url = new URL(address, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new Socket(() => url.href);
  socket.addEventListener("connecting", () => (isTold = false));
  socket.addEventListener("frame", (event) => {
    for (const frame of protocol.parse(/** @type {CustomEvent} */ (event).detail)) answer(socket, frame);
  });
  socket.open();
}

/** Who watches the room, and is known by the session. @type {() => protocol.Introduction} */
function watching() {
  return { name: "", token: null, lang: document.documentElement.lang, rooms: { [room]: {} }, watch: true };
}

/** @type {(socket: Socket, frame: protocol.Frame) => void} */
function answer(socket, frame) {
  switch (frame.type) {
    case "request_name":
      // Whoever is no user of the site to it, as where the admin has an address of its own, does without.
      if (typeof frame.user !== "string") return socket.close();
      socket.send(protocol.reply(watching()));
      break;
    case "closing":
      socket.heed(frame);
      break;
    case "room":
      isTold = frame.room === room;
      break;
    case "left":
      isTold = false;
      break;
    case "message":
    case "update":
      if (frame.room === room) rounds.hurry();
  }
}
