/** The lines in the log: an element for each row, in their order, and where the focus is among them. */

import { copy } from "./template.js";

/** @import { Row } from "../rows.js" */

/** An element that shows a row. @typedef {HTMLElement & { show?: (row: any) => void }} Line */
/**
 * Where an element is in the list: the line that it is in, and the index of that.
 * @typedef {{ element: HTMLElement, line: Line, index: number }} Place
 */

const TEMPLATES = {
  day: "day-template",
  message: "message-template",
  notice: "notice-template",
  presence: "presence-template",
  unread: "unread-template",
};
/** By the event of a notice, which is a word of the server's. @type {Map<unknown, string>} */
const EVENT_TEMPLATES = new Map([
  ["join", "join-template"],
  ["leave", "leave-template"],
  ["rename", "rename-template"],
  ["crowd", "crowd-template"],
  ["room", "room-news-template"],
  ["announce", "announcement-template"],
]);

export class Lines {
  #list;
  #fallback;
  /** By the keys of their rows. @type {Map<string, Line>} */
  #lines = new Map();
  /** What each line shows. @type {WeakMap<Line, Row>} */
  #shown = new WeakMap();
  /** Those that could not be painted. @type {WeakSet<Line>} */
  #broken = new WeakSet();
  /** Where Tab leads to. @type {HTMLElement} */
  #stop;

  /**
   * The lines of `list`. Where none of them can have the focus that one has lost, or is to have, `fallback` has it.
   * @param {HTMLElement} list
   * @param {HTMLElement} fallback
   */
  constructor(list, fallback) {
    this.#list = list;
    this.#fallback = this.#stop = fallback;
    list.addEventListener("focusin", ({ target }) => {
      if (target instanceof HTMLElement && isMessage(target)) this.#stopAt(target);
    });
  }

  /** The line of the row with this key. @type {(key: string) => Line | undefined} */
  of(key) {
    return this.#lines.get(key);
  }

  /** Those that show messages, in order. */
  get messages() {
    return this.#all().filter(isMessage);
  }

  /** Show these rows and no others. @type {(rows: Row[]) => void} */
  arrange(rows) {
    const place = this.#placeOf(document.activeElement);
    const keys = new Set(rows.map(({ key }) => key));
    for (const [key, line] of this.#lines) {
      if (keys.has(key)) continue;
      line.remove();
      this.#lines.delete(key);
    }
    /** @type {Line | null} */
    let last = null;
    for (const row of rows) {
      const line = this.#painted(row);
      /** @type {Element | null} */
      const next = last ? last.nextElementSibling : this.#list.firstElementChild;
      if (line !== next) this.#list.insertBefore(line, next);
      last = line;
    }
    if (place) this.#keepFocus(place);
    if (!this.#list.contains(document.activeElement)) this.#stopAt(this.#latest() ?? this.#fallback);
  }

  /**
   * The line of a row. One that cannot be painted says so in its place, once, and stops none of the others.
   * @type {(row: Row) => Line}
   */
  #painted(row) {
    const known = this.#lines.get(row.key);
    // What shows this very row need not look at it, unless it goes by the time of day.
    if (known && ((row.kind === "message" && this.#shown.get(known) === row) || this.#broken.has(known))) return known;
    try {
      /** @type {Line} */
      const line = known ?? copy(templateOf(row), HTMLElement);
      this.#lines.set(row.key, line);
      line.show?.(row);
      this.#shown.set(line, row);
      return line;
    } catch (error) {
      reportError(error);
      known?.remove();
      const line = copy("broken-template", HTMLElement);
      this.#lines.set(row.key, line);
      this.#broken.add(line);
      return line;
    }
  }

  /**
   * What had the focus keeps it, wherever it was moved; where it is gone, the nearest message takes it.
   * @type {(place: Place) => void}
   */
  #keepFocus({ element, line, index }) {
    if (element === document.activeElement && element.checkVisibility()) return;
    if (element.isConnected && element.checkVisibility()) return element.focus({ preventScroll: true });
    const lines = this.#all();
    const at = line.isConnected ? lines.indexOf(line) : index;
    const next = [...lines.slice(at), ...lines.slice(0, at).toReversed()].find(isMessage) ?? this.#fallback;
    this.#stopAt(next);
    next.focus({ preventScroll: true });
  }

  /**
   * The log is one stop of Tab: the latest message, or where one has been in it (log-keys.js).
   * @type {(place: HTMLElement) => void}
   */
  #stopAt(place) {
    if (place === this.#stop) return;
    this.#stop.tabIndex = -1;
    this.#stop = place;
    place.tabIndex = 0;
  }

  #latest() {
    let line = this.#list.lastElementChild;
    while (line && !isMessage(line)) line = line.previousElementSibling;
    return /** @type {HTMLElement | null} */ (line);
  }

  /** @type {() => Line[]} */
  #all() {
    return /** @type {Line[]} */ (Array.from(this.#list.children));
  }

  /**
   * Where an element is among the lines, if it is in one of them.
   * @type {(element: Element | null) => Place | null}
   */
  #placeOf(element) {
    if (!(element instanceof HTMLElement) || element === this.#list || !this.#list.contains(element)) return null;
    const lines = this.#all();
    const index = lines.findIndex((line) => line.contains(element));
    return { element, line: lines[index], index };
  }
}

/** @type {(line: Element) => boolean} */
function isMessage(line) {
  return line.localName === "chat-message";
}

/** @type {(row: Row) => string} */
function templateOf(row) {
  if (row.kind !== "notice") return TEMPLATES[row.kind];
  // Where it is not known what was before, the server's words have to do.
  if (row.frame.event === "rename" && !row.frame.was) return TEMPLATES.notice;
  if (row.frame.event === "room" && !row.frame.news?.length) return TEMPLATES.notice;
  return EVENT_TEMPLATES.get(row.frame.event) ?? TEMPLATES.notice;
}
