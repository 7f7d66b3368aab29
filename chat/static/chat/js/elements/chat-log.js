/**
 * `<chat-log>`: the talk, line by line, and how it scrolls. Tells of `earlier` and `later` (more is wanted on
 * that side), `latest` (the end is wanted), `first-new` (where what is new begins is wanted) and `look` (detail: whether the reader is at the end).
 */

import { capped } from "../many.js";
import { Lines } from "./lines.js";
import { PageElement } from "./page-element.js";
import { part } from "./part.js";
import { tell } from "./tell.js";

/** @import { Message } from "../protocol.js" */
/** @import { Where } from "../room.js" */
/** @import { News, Row } from "../rows.js" */

/**
 * What is to be seen of a room, and what is not in it: messages `beyond` the window, a page that is `loading`.
 * @typedef {object} View
 * @property {string} slug
 * @property {Row[]} rows
 * @property {News | null} news
 * @property {boolean} isPlaced whether it is known where what is new begins, if anything is
 * @property {Message[]} beyond
 * @property {boolean} hasEarlier
 * @property {boolean} hasLater
 * @property {Where | null} loading
 * @property {boolean} isConnected
 * @property {boolean} isComing whether there is, or is to be, a connection
 * @property {boolean} isCaughtUp
 * @property {boolean} isSilent whether nothing may be said
 * @property {boolean} isLimited
 */

/** Whoever is this close to the end, in pixels, wants to stay there. */
const NEAR = 100;
/** How long a message that was looked for stands out, in milliseconds. */
const GLOW = 2000;
/** What is shown at first. @type {View} */
const NOTHING = {
  slug: "",
  rows: [],
  news: null,
  isPlaced: false,
  beyond: [],
  hasEarlier: false,
  hasLater: false,
  loading: null,
  isConnected: false,
  isComing: true,
  isCaughtUp: false,
  isSilent: false,
  isLimited: false,
};

export class ChatLog extends PageElement {
  /** @type {HTMLElement} */
  #scroller;
  /** @type {Lines} */
  #lines;
  /** By their names. @type {Map<string, HTMLElement>} */
  #parts = new Map();
  #view = NOTHING;
  #isAtEnd = true;
  /** Whether the end is wanted and still to come. */
  #isReturning = false;
  #lastSeen = 0;
  /** Whether the place where what is new begins is wanted and still to come. */
  #isSeekingNews = false;
  /** What is new after this message has been in sight where it begins. */
  #seenAfter = -1;
  /** Whether the room has just been opened: whoever comes begins to read where what is new begins. */
  #isOpening = true;

  begin() {
    this.#scroller = this.#part("scroller");
    this.#lines = new Lines(this.#part("lines"), this.#scroller);
    this.#scroller.addEventListener("scroll", () => this.#look(), { passive: true });
    this.#part("jump").addEventListener("click", () => this.#jump());
    this.#part("news").addEventListener("click", () => this.#seekNews());
    // A growing composer or a phone's keyboard takes room away at the bottom, where the reader is.
    new ResizeObserver(() => this.#isAtEnd && this.#toEnd()).observe(this.#scroller);
  }

  /** @type {(view: View) => void} */
  show(view) {
    if (view.slug !== this.#view.slug) this.#begin(view.slug);
    const places = this.#isAtEnd ? [] : this.#placesInSight();
    this.#holdTongue(this.#view);
    this.#view = view;
    this.#lines.arrange(view.rows);
    this.#showEdges();
    this.#showLimited();
    this.#open();
    if (this.#isSeekingNews && this.#lines.of("unread")) this.#revealNews();
    else if (this.#isAtEnd || this.#isReturning) this.#toEnd();
    else this.#hold(places);
    if (!view.hasLater) this.#isReturning = false;
    this.#look();
  }

  /** From now on show the end, as soon as it is there. */
  toLatest() {
    this.#isReturning = true;
    this.#isSeekingNews = false;
    this.#toEnd();
  }

  /**
   * Bring the message `id` into sight. False where it is not among the rows.
   * @type {(id: number) => boolean}
   */
  reveal(id) {
    const row = this.#view.rows.find((one) => one.kind === "message" && one.id === id);
    const line = row && this.#lines.of(row.key);
    if (!line) return false;
    this.#isReturning = false;
    line.scrollIntoView({ block: "center" });
    line.toggleAttribute("data-sought", true);
    setTimeout(() => line.toggleAttribute("data-sought", false), GLOW);
    this.#look();
    return true;
  }

  /** Another room: of the one before nothing stays. @type {(slug: string) => void} */
  #begin(slug) {
    this.#lines.arrange([]);
    this.#view = { ...NOTHING, slug };
    this.#isAtEnd = true;
    this.#lastSeen = 0;
    this.#isSeekingNews = false;
    this.#seenAfter = -1;
    this.#isOpening = true;
  }

  /** Once, when it is known what is new: there the reader begins, unless they have gone elsewhere meanwhile. */
  #open() {
    const { isCaughtUp, isPlaced, news } = this.#view;
    if (!this.#isOpening || !isCaughtUp || !isPlaced) return;
    this.#isOpening = false;
    if (news && this.#isAtEnd && !this.#isReturning) this.#askForNews();
  }

  #showEdges() {
    const { rows, hasEarlier, loading, isComing, isCaughtUp, isSilent } = this.#view;
    const hasMessages = rows.some(({ kind }) => kind === "message");
    this.#part("coming").hidden = !isComing || isCaughtUp || hasMessages;
    this.#part("empty").hidden = !isCaughtUp || hasMessages;
    this.#part("invitation").hidden = isSilent;
    this.#part("beginning").hidden = !isCaughtUp || hasEarlier || !hasMessages;
    this.#part("earlier").hidden = !hasEarlier;
    this.#part("earlier").toggleAttribute("data-busy", loading?.before !== undefined);
    this.#part("later").hidden = loading === null || loading.before !== undefined;
  }

  /** Said once, however many changes are held up; the first of them shows it, too. */
  #showLimited() {
    const status = this.#part("limited-status");
    const words = this.#view.isLimited ? (status.dataset.limitedStatus ?? "") : "";
    if (status.textContent !== words) status.textContent = words;
  }

  /**
   * Only what is new is read out: no page of history, on opening or when it is asked for.
   * @type {(before: View) => void}
   */
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
    return this.#lines.messages
      .map((line) => ({ line, top: line.offsetTop - scrollTop, away: Math.abs(line.offsetTop - eye) }))
      .filter(({ away }) => away < clientHeight / 2)
      .toSorted((one, other) => one.away - other.away);
  }

  /** @type {(places: { line: HTMLElement, top: number }[]) => void} */
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

    const ids = rows.flatMap((row) => (row.kind === "message" && !row.isOwn && row.id ? row.id : []));
    if (isAtEnd) this.#lastSeen = Math.max(0, ...ids);
    const unseen = [...ids, ...beyond.map(({ id }) => id)].filter((id) => id > this.#lastSeen);
    this.#part("jump").hidden = isAtEnd;
    this.#part("unseen").hidden = unseen.length === 0;
    this.#part("unseen-count").textContent = String(unseen.length);
    this.#lookForNews();

    if (loading || !isConnected) return;
    if (hasEarlier && scrollTop < clientHeight) tell(this, "earlier");
    else if (hasLater && left < clientHeight) tell(this, "later");
  }

  /** Where what is new begins above, and has not been seen yet, a button leads there. */
  #lookForNews() {
    const { news } = this.#view;
    const { scrollTop, clientHeight } = this.#scroller;
    const line = this.#lines.of("unread");
    const isAbove = line ? line.offsetTop + line.offsetHeight < scrollTop : news?.isBefore;
    if (news && line && !isAbove && line.offsetTop < scrollTop + clientHeight) this.#seenAfter = news.after;
    this.#part("news").hidden = !news || !isAbove || news.after === this.#seenAfter;
    this.#part("news-count").textContent = capped(news?.count ?? 0);
  }

  #seekNews() {
    this.#scroller.focus({ preventScroll: true });
    this.#askForNews();
  }

  #askForNews() {
    this.#isReturning = false;
    this.#isSeekingNews = true;
    if (this.#lines.of("unread")) this.#revealNews();
    else tell(this, "first-new");
  }

  #revealNews() {
    this.#isSeekingNews = false;
    this.#scroller.scrollTop = Number(this.#lines.of("unread")?.offsetTop) - NEAR;
  }

  #jump() {
    this.toLatest();
    tell(this, "latest");
    this.#scroller.focus({ preventScroll: true });
  }

  #toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** @type {(name: string) => HTMLElement} */
  #part(name) {
    // Looked for once: hundreds of messages may stand before it.
    const found = this.#parts.get(name) ?? part(this, `[data-${name}]`, HTMLElement);
    this.#parts.set(name, found);
    return found;
  }
}

customElements.define("chat-log", ChatLog);
