/**
 * `<chat-log>`: the talk, line by line, and how it scrolls. Tells of `earlier` and `later` (more is wanted on
 * that side), `latest` (the end is wanted) and `look` (detail: whether the reader is at the end).
 */

import { PageElement } from "./page-element.js";
import { tell } from "./tell.js";
import { copy } from "./template.js";

/** Whoever is this close to the end, in pixels, wants to stay there. */
const NEAR = 100;
/** How long a message that was looked for stands out, in milliseconds. */
const GLOW = 2000;
const TEMPLATES = { day: "day-template", message: "message-template", notice: "notice-template" };
/** By the event of a notice, which is a word of the server's. */
const PRESENCE_TEMPLATES = new Map([
  ["join", "join-template"],
  ["leave", "leave-template"],
  ["crowd", "crowd-template"],
]);

class ChatLog extends PageElement {
  #scroller;
  #list;
  #lines = new Map();
  #view = { rows: [], beyond: [], hasEarlier: false, hasLater: false, loading: null, isCaughtUp: false };
  #isAtEnd = true;
  /** Whether the end is wanted and still to come. */
  #isReturning = false;
  #lastSeen = 0;
  #stop = null;

  begin() {
    this.#scroller = this.querySelector("[data-scroller]");
    this.#list = this.querySelector("[data-lines]");
    this.#scroller.addEventListener("scroll", () => this.#look(), { passive: true });
    this.#list.addEventListener("keydown", (event) => this.#press(event));
    this.querySelector("[data-jump]").addEventListener("click", () => this.#jump());
    // A growing composer or a phone's keyboard takes room away at the bottom, where the reader is.
    new ResizeObserver(() => this.#isAtEnd && this.#toEnd()).observe(this.#scroller);
  }

  /** Show these rows, and what there is besides them. */
  show(view) {
    const places = this.#isAtEnd ? [] : this.#placesInSight();
    this.#holdTongue(this.#view);
    this.#view = view;
    this.#arrange(view.rows);
    this.#showEdges();
    this.#showLimited();
    if (this.#isAtEnd || this.#isReturning) this.#toEnd();
    else this.#hold(places);
    if (!view.hasLater) this.#isReturning = false;
    this.#look();
  }

  /** From now on show the end, as soon as it is there. */
  toLatest() {
    this.#isReturning = true;
    this.#toEnd();
  }

  /** Bring the message `id` into sight. False where it is not among the rows. */
  reveal(id) {
    const row = this.#view.rows.find((one) => one.id === id);
    if (!row) return false;
    const line = this.#lines.get(row.key);
    this.#isReturning = false;
    line.scrollIntoView({ block: "center" });
    line.toggleAttribute("data-sought", true);
    setTimeout(() => line.toggleAttribute("data-sought", false), GLOW);
    this.#look();
    return true;
  }

  #arrange(rows) {
    const place = placeOf(document.activeElement, this.#list);
    const keys = new Set(rows.map(({ key }) => key));
    for (const [key, line] of this.#lines) {
      if (keys.has(key)) continue;
      line.remove();
      this.#lines.delete(key);
    }
    let last = null;
    for (const row of rows) {
      const line = this.#painted(row);
      const next = last ? last.nextElementSibling : this.#list.firstElementChild;
      if (line !== next) this.#list.insertBefore(line, next);
      last = line;
    }
    this.#keepFocus(place);
  }

  /** What had the focus keeps it, wherever it was moved; where it is gone, the nearest message takes it. */
  #keepFocus({ element, line, index }) {
    if (!element || (element === document.activeElement && element.checkVisibility())) return;
    if (element.isConnected && element.checkVisibility()) return element.focus({ preventScroll: true });
    const lines = Array.from(this.#list.children);
    const at = line.isConnected ? lines.indexOf(line) : index;
    const handles = [...lines.slice(at), ...lines.slice(0, at).toReversed()].map(({ handle }) => handle);
    const next = handles.find((handle) => handle?.checkVisibility()) ?? this.#scroller;
    if (next !== this.#scroller) this.#stopAt(next);
    next.focus({ preventScroll: true });
  }

  /** The line of a row. One that cannot be painted says so in its place, once, and stops none of the others. */
  #painted(row) {
    const known = this.#lines.get(row.key);
    if (known?.matches("[data-broken]")) return known;
    try {
      const line = known ?? copy(PRESENCE_TEMPLATES.get(row.frame?.event) ?? TEMPLATES[row.kind]);
      this.#lines.set(row.key, line);
      line.show(row);
      return line;
    } catch (error) {
      reportError(error);
      known?.remove();
      const line = copy("broken-template");
      this.#lines.set(row.key, line);
      return line;
    }
  }

  #showEdges() {
    const { rows, hasEarlier, loading, isCaughtUp } = this.#view;
    const hasMessages = rows.some(({ kind }) => kind === "message");
    this.querySelector("[data-empty]").hidden = !isCaughtUp || hasMessages;
    this.querySelector("[data-beginning]").hidden = !isCaughtUp || hasEarlier || !hasMessages;
    this.querySelector("[data-earlier]").hidden = !hasEarlier;
    this.querySelector("[data-earlier]").toggleAttribute("data-busy", loading?.before !== undefined);
    this.querySelector("[data-later]").hidden = loading === null || loading.before !== undefined;
    const last = this.#handles().at(-1);
    if (!this.#list.contains(document.activeElement) && last) this.#stopAt(last);
  }

  /** Said once, however many changes are held up; the first of them shows it, too. */
  #showLimited() {
    const status = this.querySelector("[data-limited-status]");
    const words = this.#view.isLimited ? status.dataset.limitedStatus : "";
    if (status.textContent !== words) status.textContent = words;
  }

  /** One stop for the keyboard, at the latest message; from there the arrows lead on. */
  #stopAt(handle) {
    if (this.#stop) this.#stop.tabIndex = -1;
    this.#stop = handle;
    handle.tabIndex = 0;
  }

  /** Only what is new is read out: no page of history, on opening or when it is asked for. */
  #holdTongue({ isCaughtUp, loading }) {
    const isNews = isCaughtUp && !loading;
    // Off before the lines come in, and on again once they stand there.
    if (!isNews) this.#scroller.setAttribute("aria-live", "off");
    setTimeout(() => this.#view.isCaughtUp && this.#scroller.setAttribute("aria-live", "polite"));
  }

  /** The messages in sight, and where in sight each is, beginning under the eye: these are not to move. */
  #placesInSight() {
    const { scrollTop, clientHeight } = this.#scroller;
    const eye = scrollTop + clientHeight / 2;
    return Array.from(this.#list.querySelectorAll("chat-message"))
      .map((line) => ({ line, top: line.offsetTop - scrollTop, away: Math.abs(line.offsetTop - eye) }))
      .filter(({ away }) => away < clientHeight / 2)
      .toSorted((one, other) => one.away - other.away);
  }

  #hold(places) {
    const place = places.find(({ line }) => line.isConnected);
    // Not by the difference: where the page has become shorter, the browser may have scrolled meanwhile.
    if (place) this.#scroller.scrollTop = place.line.offsetTop - place.top;
  }

  #look() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    const { rows, beyond, hasEarlier, hasLater, loading, isConnected } = this.#view;
    const left = scrollHeight - scrollTop - clientHeight;
    const isAtEnd = left < NEAR && !hasLater;
    if (isAtEnd !== this.#isAtEnd) tell(this, "look", isAtEnd);
    this.#isAtEnd = isAtEnd;

    const ids = rows.filter(({ id, isOwn }) => id !== undefined && !isOwn).map(({ id }) => id);
    if (isAtEnd) this.#lastSeen = Math.max(0, ...ids);
    const unseen = [...ids, ...beyond.map(({ id }) => id)].filter((id) => id > this.#lastSeen);
    this.querySelector("[data-jump]").hidden = isAtEnd;
    this.querySelector("[data-unseen]").hidden = unseen.length === 0;
    this.querySelector("[data-unseen-count]").textContent = unseen.length;

    if (loading || !isConnected) return;
    if (hasEarlier && scrollTop < clientHeight) tell(this, "earlier");
    else if (hasLater && left < clientHeight) tell(this, "later");
  }

  #press(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const handles = this.#handles();
    const index = handles.indexOf(event.target);
    const next = handles[index + step];
    if (!step || index < 0 || !next) return;
    event.preventDefault();
    this.#stopAt(next);
    next.focus();
  }

  #handles() {
    const lines = Array.from(this.#list.querySelectorAll("chat-message"));
    return lines.map(({ handle }) => handle).filter(({ hidden }) => !hidden);
  }

  #jump() {
    this.toLatest();
    tell(this, "latest");
    this.#scroller.focus({ preventScroll: true });
  }

  #toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }
}

/** Where an element is among the lines of the list: it, its line and that one's index, or nothing of it. */
function placeOf(element, list) {
  if (element === list || !list.contains(element)) return {};
  const lines = Array.from(list.children);
  const index = lines.findIndex((line) => line.contains(element));
  return { element, line: lines[index], index };
}

customElements.define("chat-log", ChatLog);
