/** `<emoji-picker>`: all emoji, to be found by their names, in groups; the first are those that were chosen last. */

import { emojis, find, toned } from "../emojis.js";
import { recall, recallTone, remember, rememberTone } from "../recent-emoji.js";
import { PageElement } from "./page-element.js";
import { around, part, parts } from "./part.js";
import { place } from "./popover.js";
import { copy } from "./template.js";

/** @import { Emoji } from "../emojis.js" */

/** How many stand in a line, see emoji-picker.css. */
const COLUMNS = 8;
/** As many are found at most. */
const FOUND = 64;
/** Which way a key leads along a line, and from line to line. */
const STEPS = new Map([
  ["ArrowRight", [1, 0]],
  ["ArrowLeft", [-1, 0]],
  ["ArrowDown", [0, 1]],
  ["ArrowUp", [0, -1]],
]);

export class EmojiPicker extends PageElement {
  /** @type {HTMLInputElement} */
  #search;
  /** @type {Emoji[]} */
  #all = [];
  /** @type {(symbol: string) => void} */
  #choose = () => {};
  /** What it was opened from, which says so. @type {HTMLElement | null} */
  #from = null;
  #tone = "";

  begin() {
    this.#search = part(this, "[data-search]", HTMLInputElement);
    this.#tone = recallTone();
    this.#search.addEventListener("input", () => this.#showFound());
    this.addEventListener("keydown", (event) => this.#press(event));
    this.addEventListener("click", (event) => this.#click(event));
    this.addEventListener("toggle", ({ newState }) => newState === "closed" && this.#closed());
    for (const type of ["mouseover", "focusin"]) this.addEventListener(type, (event) => this.#tell(event));
  }

  /**
   * Have an emoji chosen, beside the element that was pressed.
   * @type {(from: HTMLElement, choose: (symbol: string) => void) => void}
   */
  open(from, choose) {
    if (this.matches(":popover-open")) return this.hidePopover();
    this.#from = from;
    this.#choose = choose;
    from.setAttribute("aria-expanded", "true");
    this.#search.value = "";
    this.showPopover();
    this.#begin();
    place(this, from.getBoundingClientRect());
    // A finger is not to have half of the page covered by a keyboard.
    if (!matchMedia("(pointer: coarse)").matches) this.#search.focus();
  }

  /** Where the list does not come, the next time that it is opened asks for it again. */
  async #begin() {
    const isNew = this.#all.length === 0;
    if (isNew) this.#all = await emojis().catch(() => []);
    part(this, "[data-missing]", HTMLElement).hidden = this.#all.length > 0;
    if (isNew) this.#showAll();
    this.#fill("recent", recall().flatMap((symbol) => this.#all.find((emoji) => emoji.symbol === symbol) ?? []));
    this.#showFound();
    part(this, "[data-list]", HTMLElement).scrollTop = 0;
    if (this.#from) place(this, this.#from.getBoundingClientRect());
  }

  #showAll() {
    for (const [group, emoji] of Map.groupBy(this.#all, (one) => one.group)) this.#fill(group, emoji);
    this.#showTone();
  }

  /** What is looked for, in place of all. */
  #showFound() {
    const word = this.#search.value.trim();
    const found = find(this.#all, word).slice(0, FOUND);
    this.#fill("found", found.map(({ emoji }) => emoji));
    for (const section of parts(this, "[data-group]")) {
      const isFound = section.dataset.group === "found";
      section.hidden = isFound === (word === "") || parts(section, "[data-symbol]").length === 0;
    }
    part(this, "[data-none]", HTMLElement).hidden = word === "" || found.length > 0 || this.#all.length === 0;
    this.#stopAt(this.#rows()[0]?.[0]);
  }

  /** @type {(group: string, emoji: Emoji[]) => void} */
  #fill(group, emoji) {
    const grid = part(this, `[data-group="${group}"] [data-grid]`, HTMLElement);
    grid.replaceChildren(...emoji.map((one) => this.#button(one)));
  }

  /** @type {(emoji: Emoji) => HTMLElement} */
  #button({ symbol, names }) {
    const button = copy("emoji-template", HTMLElement);
    button.dataset.symbol = symbol;
    button.textContent = toned(symbol, this.#tone);
    button.setAttribute("aria-label", names[0].replaceAll("_", " "));
    return button;
  }

  /** @type {(event: MouseEvent) => void} */
  #click(event) {
    const { symbol, tone } = around(event, "button")?.dataset ?? {};
    if (tone !== undefined) return this.#colour(tone);
    if (symbol) this.#take(symbol);
  }

  /** @type {(symbol: string) => void} */
  #take(symbol) {
    remember(symbol);
    this.hidePopover();
    this.#choose(toned(symbol, this.#tone));
  }

  /** @type {(tone: string) => void} */
  #colour(tone) {
    this.#tone = tone;
    rememberTone(tone);
    this.#showTone();
    for (const button of parts(this, "[data-symbol]")) button.textContent = toned(button.dataset.symbol ?? "", this.#tone);
  }

  #showTone() {
    for (const button of parts(this, "[data-tone]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tone === this.#tone));
    }
  }

  /** @type {(event: KeyboardEvent) => void} */
  #press(event) {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const rows = this.#rows();
    const first = rows[0]?.[0];
    if (event.target === this.#search) {
      if (event.key === "ArrowDown" && first) this.#go(event, first);
      if (event.key === "Enter") event.preventDefault(); // or the box that gets the focus would break the line
      if (event.key === "Enter" && first && this.#search.value.trim()) this.#take(first.dataset.symbol ?? "");
      return;
    }
    if (!(event.target instanceof HTMLElement) || !event.target.dataset.symbol) return;
    const step = STEPS.get(event.key);
    if (step) this.#step(event, rows, event.target, step);
    // Whoever writes on means the box.
    else if (event.key.length === 1 && event.key !== " ") this.#search.focus();
  }

  /** @type {(event: KeyboardEvent, rows: HTMLElement[][], button: HTMLElement, step: number[]) => void} */
  #step(event, rows, button, [along, down]) {
    const row = rows.findIndex((one) => one.includes(button));
    const column = rows[row].indexOf(button);
    if (down && !rows[row + down]) return down < 0 ? this.#search.focus() : undefined;
    const buttons = rows.flat();
    const next = down ? rows[row + down] : buttons;
    const at = down ? Math.min(column, next.length - 1) : buttons.indexOf(button) + along * direction(this);
    if (next[at]) this.#go(event, next[at]);
  }

  /** @type {(event: KeyboardEvent, button: HTMLElement) => void} */
  #go(event, button) {
    event.preventDefault();
    this.#stopAt(button);
    button.focus();
  }

  /** One stop for the keyboard among all of them. @type {(button: HTMLElement | undefined) => void} */
  #stopAt(button) {
    for (const other of parts(this, '[data-symbol][tabindex="0"]')) other.tabIndex = -1;
    if (button) button.tabIndex = 0;
  }

  /** What is to be seen, line by line. @type {() => HTMLElement[][]} */
  #rows() {
    return parts(this, "[data-group]:not([hidden])").flatMap((section) => {
      const buttons = parts(section, "[data-symbol]");
      const count = Math.ceil(buttons.length / COLUMNS);
      return Array.from({ length: count }, (_, at) => buttons.slice(at * COLUMNS, (at + 1) * COLUMNS));
    });
  }

  /** The name of the one that is pointed at. @type {(event: Event) => void} */
  #tell(event) {
    const label = around(event, "[data-symbol]")?.getAttribute("aria-label");
    if (label) part(this, "[data-name]", HTMLElement).textContent = label;
  }

  #closed() {
    this.#from?.setAttribute("aria-expanded", "false");
    part(this, "[data-name]", HTMLElement).textContent = "";
  }
}

/** @type {(element: Element) => 1 | -1} */
function direction(element) {
  return getComputedStyle(element).direction === "rtl" ? -1 : 1;
}

customElements.define("emoji-picker", EmojiPicker);
