/**
 * The keyboard in the log, which is one stop of Tab: from message to message and into them, and what each key
 * does there. The keys are told of in keys_dialog.html.
 */

import { ChatMessage } from "./chat-message.js";
import { parts } from "./part.js";
import { tell } from "./tell.js";

/**
 * Where a key leads from `index` among `messages`: another index, at which there may be none.
 * @typedef {(messages: HTMLElement[], index: number) => number} Step
 */

/** @type {[string, Step][]} */
const KEYS = [
  ["ArrowUp", (_messages, index) => index - 1],
  ["ArrowDown", (_messages, index) => index + 1],
  ["Home", () => 0],
  ["End", (messages) => messages.length - 1],
  ["PageUp", (messages, index) => aPageAway(messages, index, -1)],
  ["PageDown", (messages, index) => aPageAway(messages, index, 1)],
];
const STEPS = new Map(KEYS);
/** What there is to press inside a message. */
const CONTROLS = "a[href], button";
/** Where the letters of a keyboard are no Latin ones, the place of the key counts. */
const LETTERS = new Map([["KeyR", "r"], ["KeyE", "e"]]);

/** From now on this log goes by the keyboard. @type {(log: HTMLElement) => void} */
export function goByKeys(log) {
  log.addEventListener("focusin", ({ target }) => target instanceof ChatMessage && target.beNamed());
  log.addEventListener("keydown", (event) => {
    const { target } = event;
    const line = target instanceof Element ? target.closest("chat-message") : null;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (press(event, log, line instanceof ChatMessage ? line : null)) event.preventDefault();
  });
}

/**
 * Whether the key has done something.
 * @type {(event: KeyboardEvent, log: HTMLElement, line: ChatMessage | null) => boolean}
 */
function press(event, log, line) {
  const { key, target } = event;
  const isInside = line !== null && target !== line;
  if (key === "Escape") {
    if (isInside) line.focus();
    else tell(log, "write");
    return true;
  }
  const step = STEPS.get(key);
  if (step) return goTo(log, line, step);
  if (!line) return false;
  if (key === "ArrowRight" || key === "ArrowLeft") return goInto(line, target, key === "ArrowRight" ? 1 : -1);
  // What stands inside has keys of its own.
  return !isInside && act(event, line);
}

/** @type {(log: HTMLElement, line: ChatMessage | null, step: Step) => boolean} */
function goTo(log, line, step) {
  const messages = parts(log, "chat-message");
  const next = messages[step(messages, line ? messages.indexOf(line) : messages.length)];
  next?.focus();
  // At either end the page stays where it is.
  return next !== undefined || line !== null;
}

/**
 * One after the other what there is to press in a message, and before the first the message itself.
 * @type {(line: ChatMessage, from: EventTarget | null, by: number) => boolean}
 */
function goInto(line, from, by) {
  const controls = [line, ...parts(line, CONTROLS).filter((control) => control.checkVisibility())];
  controls[controls.findIndex((control) => control === from) + by]?.focus();
  return true;
}

/** @type {(event: KeyboardEvent, line: ChatMessage) => boolean} */
function act(event, line) {
  const { id, isOwn, isDeleted } = line.row;
  const key = LETTERS.get(event.code) ?? event.key;
  const isTheMenu = key === "ContextMenu" || (key === "F10" && event.shiftKey);
  if (key === "Enter" || isTheMenu || key === "+") line.handle.click();
  else if (id === undefined || isDeleted) return false;
  else if (key === "r") tell(line, "reply", id);
  else if (key === "e" && isOwn) tell(line, "edit", id);
  else if (key === "Delete" && isOwn) tell(line, "erase", id);
  else return false;
  return true;
}

/**
 * The message that is about as far away as the log is high.
 * @type {(messages: HTMLElement[], index: number, by: 1 | -1) => number}
 */
function aPageAway(messages, index, by) {
  const from = messages[index] ?? messages.at(-1);
  if (!from) return -1;
  const height = (from.offsetParent?.clientHeight ?? 0) * by;
  const isPast = (/** @type {HTMLElement} */ { offsetTop }) => (offsetTop - from.offsetTop - height) * by >= 0;
  const found = by < 0 ? messages.findLastIndex(isPast) : messages.findIndex(isPast);
  return found < 0 ? (by < 0 ? 0 : messages.length - 1) : found;
}
