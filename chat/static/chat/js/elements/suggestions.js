/**
 * Suggestions above a box to write in: what is typed behind a sign, such as `@` or `:`, is completed from a list.
 * The focus stays in the box, which says which of them is chosen (the listbox of ARIA's combobox pattern; the box
 * stays a textbox, since a `<textarea>` may be nothing else).
 */

import { replace } from "./insert.js";
import { around, part, parts } from "./part.js";
import { copy } from "./template.js";

/**
 * What may stand in place of the sign and the word: `text` goes into the box, with a space behind it. In the list stand
 * the `label`, a `symbol` before it and a quieter `hint` behind it.
 * @typedef {{ text: string, label: string, symbol?: string, hint?: string }} Suggestion
 */
/**
 * Knows what may stand behind a sign.
 * @typedef {object} Source
 * @property {string} sign one character, which begins a word
 * @property {RegExp} word what stands between the sign and the caret, where that is worth a suggestion
 * @property {(word: string) => Suggestion[] | Promise<Suggestion[]>} find the best come first
 */
/**
 * What is sought at the caret: `from` there on, the sign included.
 * @typedef {{ source: Source, word: string, from: number }} Sought
 */

/** More than can be taken in at a glance are not shown. */
const MOST = 8;
/** No word is longer: so a long text is not looked through at each key. */
const LONGEST = 64;
/** Behind these a sign begins nothing: `12:30`, `somebody@example.org`, `http://`. */
export const INSIDE = /[\p{L}\p{M}\p{N}_:@/.]$/u;

/**
 * What of these sources is sought where the caret stands. The sign that is nearest counts.
 * @type {(text: string, caret: number, sources: Source[]) => Sought | null}
 */
export function sought(text, caret, sources) {
  const near = text.slice(Math.max(0, caret - LONGEST - 2), caret);
  const start = caret - near.length;
  const found = sources.flatMap((source) => {
    const at = near.lastIndexOf(source.sign);
    const word = near.slice(at + 1);
    const isWord = at >= 0 && !INSIDE.test(near.slice(0, at)) && source.word.test(word);
    return isWord ? { source, word, from: start + at } : [];
  });
  if (found.length === 0 || isInCode(text, caret)) return null;
  return found.toSorted((one, other) => other.from - one.from)[0];
}

/**
 * Whether what is typed there is code, in which nothing means anything else.
 * @type {(text: string, caret: number) => boolean}
 */
export function isInCode(text, caret) {
  const before = text.slice(0, caret);
  const line = before.slice(before.lastIndexOf("\n") + 1);
  return before.split("```").length % 2 === 0 || line.replaceAll("```", "").split("`").length % 2 === 0;
}

export class Suggestions {
  #box;
  #list;
  #sources;
  /** @type {Sought | null} */
  #sought = null;
  /** @type {Suggestion[]} */
  #offered = [];
  #chosen = 0;

  /**
   * From now on suggest in this box, in a list that stands in the page: a `role="listbox"` with an id.
   * @param {HTMLTextAreaElement} box
   * @param {HTMLElement} list
   * @param {Source[]} sources
   */
  constructor(box, list, sources) {
    this.#box = box;
    this.#list = list;
    this.#sources = sources;
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", list.id);
    box.addEventListener("input", () => this.look());
    // Before the box itself hears of a key.
    box.addEventListener("keydown", (event) => this.#press(event), { capture: true });
    box.addEventListener("click", () => this.close());
    box.addEventListener("blur", () => this.close());
    // Whoever presses one keeps writing in the box.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = around(event, "[role=option]");
      if (option) this.#take(parts(list, "[role=option]").indexOf(option));
    });
  }

  /** Suggest what fits what is written at the caret now. */
  async look() {
    const { value, selectionStart, selectionEnd } = this.#box;
    const found = selectionStart === selectionEnd ? sought(value, selectionStart, this.#sources) : null;
    this.#sought = found;
    const offered = found ? await found.source.find(found.word) : [];
    // Meanwhile more may have been typed.
    if (this.#sought === found) this.#offer(offered.slice(0, MOST));
  }

  close() {
    this.#sought = null;
    this.#offer([]);
  }

  get isOpen() {
    return this.#offered.length > 0;
  }

  /** @type {(offered: Suggestion[]) => void} */
  #offer(offered) {
    if (!this.isOpen && offered.length === 0) return;
    this.#offered = offered;
    this.#list.hidden = !this.isOpen;
    this.#list.replaceChildren(...offered.map(toOption));
    this.#choose(0);
  }

  /** @type {(index: number) => void} */
  #choose(index) {
    this.#chosen = index;
    const options = parts(this.#list, "[role=option]");
    for (const [at, option] of options.entries()) option.setAttribute("aria-selected", String(at === index));
    if (this.isOpen) this.#box.setAttribute("aria-activedescendant", options[index].id);
    else this.#box.removeAttribute("aria-activedescendant");
    options[index]?.scrollIntoView({ block: "nearest" });
  }

  /** @type {(event: KeyboardEvent) => void} */
  #press(event) {
    // The key that picks a word in an input method does nothing else; Safari says so by 229 alone.
    if (!this.isOpen || event.isComposing || event.keyCode === 229) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const count = this.#offered.length;
    if (event.key === "ArrowDown") this.#choose((this.#chosen + 1) % count);
    else if (event.key === "ArrowUp") this.#choose((this.#chosen + count - 1) % count);
    else if (event.key === "Enter" || event.key === "Tab") this.#take(this.#chosen);
    else if (event.key === "Escape") this.close();
    else return event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End" ? this.close() : undefined;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** @type {(index: number) => void} */
  #take(index) {
    const found = this.#sought;
    const { text } = this.#offered[index];
    this.close();
    if (found) replace(this.#box, found.from, found.from + 1 + found.word.length, `${text} `);
  }
}

/** @type {(suggestion: Suggestion, index: number) => HTMLElement} */
function toOption({ label, symbol, hint }, index) {
  const option = copy("suggestion-template", HTMLElement);
  option.id = `suggestion-${index}`;
  for (const [name, text] of Object.entries({ symbol, label, hint })) {
    const place = part(option, `[data-${name}]`, HTMLElement);
    place.textContent = text ?? "";
    place.hidden = !text;
  }
  return option;
}
