/**
 * `<search-panel>`: what was said with some words, and a day to go to. Tells of `search`, `search-on`, `aim` (detail: a
 * message and its room) and `jump` (detail: the moment at which the day begins here).
 */

import { day, moment, showTime } from "../dates.js";
import { excerpt } from "../search-words.js";
import { isBlank } from "../text.js";
import { around, part, parts } from "./part.js";
import { SidePanel } from "./side-panel.js";
import { tell } from "./tell.js";
import { copy } from "./template.js";

/** @import { Search } from "../finding.js" */
/** @import { Message } from "../protocol.js" */
/** @import { Piece } from "../search-words.js" */

/**
 * `titleOf` a room, and `hrefOf` a message in its room.
 * @typedef {object} SearchView
 * @property {Search | null} search
 * @property {boolean} hasRooms whether there is a room beside the one that is shown
 * @property {(room: string) => string} titleOf
 * @property {(room: string, id: number) => string} hrefOf
 */

export class SearchPanel extends SidePanel {
  /** @type {SearchView} */
  #view;

  begin() {
    super.begin();
    part(this, "[data-question]", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask();
    });
    part(this, "[data-day]", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#jump();
    });
    this.addEventListener("click", (event) => this.#click(event));
    this.addEventListener("keydown", (event) => this.#press(event));
    this.addEventListener("change", ({ target }) => {
      if (target instanceof HTMLInputElement && target.name === "scope" && this.#view.search) this.#ask();
    });
  }

  opened() {
    this.#input("day").max = day(Date.now());
  }

  first() {
    return this.#input("q");
  }

  /** @type {(view: SearchView) => void} */
  show(view) {
    const before = this.#view?.search ?? null;
    this.#view = view;
    const { search } = view;
    this.#part("scopes").hidden = !view.hasRooms;
    const isAnew = before === null || search === null || search.messages[0] !== before.messages[0];
    if (isAnew || search.messages !== before.messages) this.#showFound(search?.messages ?? []);
    this.#showTitles();
    if (isAnew) this.#part("scroller").scrollTop = 0;
    const isEmpty = search !== null && search.messages.length === 0 && !search.isAwaited && search.error === null;
    this.#part("searching").hidden = !search?.isAwaited;
    this.#part("none").hidden = !isEmpty || search.more;
    this.#part("none-yet").hidden = !isEmpty || !search.more;
    this.#part("error").textContent = search?.error ?? "";
    this.#part("offline").hidden = search?.error !== "";
    this.#part("more").hidden = !search?.more && !search?.error;
    // Not disabled: it keeps the focus.
    this.#part("more").ariaDisabled = String(Boolean(search?.isAwaited));
  }

  #ask() {
    const q = this.#input("q").value.trim();
    if (isBlank(q)) return this.#input("q").focus();
    tell(this, "search", { q, isHere: !this.#part("scopes").hidden && this.#input("scope").checked });
  }

  /** The day as it begins where the reader is. */
  #jump() {
    const [year, month, date] = this.#input("day").value.split("-").map(Number);
    if (!date) return;
    this.yield();
    tell(this, "jump", new Date(year, month - 1, date).toISOString());
  }

  /** @type {(event: MouseEvent) => void} */
  #click(event) {
    const { search } = this.#view;
    if (around(event, "[data-more]") && search && !search.isAwaited) return tell(this, "search-on");
    const link = around(event, "a[data-id]");
    // In another tab, if that is what they want.
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    for (const other of parts(this, "a[aria-current]")) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    this.yield();
    tell(this, "aim", { slug: link.dataset.room ?? "", id: Number(link.dataset.id) });
  }

  /** The arrows lead from one to the next, Escape leads out. @type {(event: KeyboardEvent) => void} */
  #press(event) {
    if (event.key === "Escape" && !this.matches(":popover-open")) return this.close();
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    const links = parts(this, "a[data-id]");
    const index = links.findIndex((link) => link === document.activeElement);
    const isInBox = event.target === this.#input("q");
    if (!step || (index < 0 && !isInBox)) return;
    const next = isInBox ? (step > 0 ? links[0] : undefined) : (links[index + step] ?? (step < 0 ? this.#input("q") : undefined));
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  /** Those that stand there already stay, and keep the focus. @type {(messages: Message[]) => void} */
  #showFound(messages) {
    const list = this.#part("found");
    const known = new Map(parts(list, ":scope > *").map((line) => [line.dataset.key, line]));
    const lines = messages.map((message) => {
      const key = `${message.id}-${message.version}-${this.#view.search?.q}`;
      const line = known.get(key) ?? this.#line(message);
      line.dataset.key = key;
      return line;
    });
    for (const line of known.values()) if (!lines.includes(line)) line.remove();
    lines.forEach((line, index) => line !== list.children[index] && list.insertBefore(line, list.children[index] ?? null));
  }

  /** What was found may be there before the list of rooms is. */
  #showTitles() {
    for (const link of parts(this, "a[data-room]")) {
      const [where, title] = [part(link, "[data-room-title]", HTMLElement), this.#view.titleOf(link.dataset.room ?? "")];
      if (where.textContent !== title) where.textContent = title;
      where.hidden = !this.#view.hasRooms;
    }
  }

  /** @type {(message: Message) => HTMLElement} */
  #line({ id, room, sender, sent_at, message }) {
    const line = copy("search-result-template", HTMLElement);
    const link = part(line, "a", HTMLAnchorElement);
    link.href = this.#view.hrefOf(room, id);
    Object.assign(link.dataset, { room, id: String(id) });
    part(line, "[data-author]", HTMLElement).textContent = sender;
    const time = part(line, "[data-time]", HTMLTimeElement);
    showTime(time, Date.parse(sent_at));
    time.textContent = moment(Date.parse(sent_at));
    part(line, "[data-text]", HTMLElement).append(...excerpt(message ?? "", this.#view.search?.q ?? "").map(toNode));
    return line;
  }

  /** @type {(name: string) => HTMLInputElement} */
  #input(name) {
    return part(this, `[name=${name}]`, HTMLInputElement);
  }

  /** @type {(name: string) => HTMLElement} */
  #part(name) {
    return part(this, `[data-${name}]`, HTMLElement);
  }
}

/** @type {(piece: Piece) => Node} */
function toNode({ text, isMarked }) {
  if (!isMarked) return document.createTextNode(text);
  const mark = copy("search-mark-template", HTMLElement);
  mark.textContent = text;
  return mark;
}

customElements.define("search-panel", SearchPanel);
