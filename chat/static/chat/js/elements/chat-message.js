/**
 * `<chat-message>`: what somebody said. Text from people is only ever text here. Tells of `actions` (detail:
 * `{ id, from }`), `react`, `seek`, `retry`, `revise` and `discard`. A long one is shown as a whole once that is wanted.
 */

import { showFull, showTime } from "../dates.js";
import { hue } from "../hue.js";
import { plain } from "../markup.js";
import { QUOTED } from "../quotations.js";
import { initial, isLong } from "../text.js";
import { markMentions } from "./mention-marks.js";
import { PageElement } from "./page-element.js";
import { around, part } from "./part.js";
import { showText } from "./rich-text.js";
import { RoleBadge } from "./role-badge.js";
import { tell } from "./tell.js";
import { copy } from "./template.js";

/** @import { MessageRow } from "../message-row.js" */

const list = new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" });

export class ChatMessage extends PageElement {
  /** What is shown; nothing before the first `show`. @type {MessageRow} */
  #row = /** @type {any} */ ({});
  /** @type {Map<string, HTMLElement>} */
  #chips = new Map();
  /** By their names, as there are hundreds of messages. @type {Map<string, HTMLElement>} */
  #parts = new Map();
  /** Whether somebody has wanted to see all of a long text. */
  #isWhole = false;
  /** @type {HTMLElement | null} */
  #fold = null;

  begin() {
    this.addEventListener("click", (event) => this.#click(event));
    // A link that the keyboard has come to is to be seen.
    this.#part("body").addEventListener("focusin", () => this.#unfold(true));
  }

  /** @type {(row: MessageRow) => void} */
  show(row) {
    const before = this.#row;
    if (isSame(row, before)) return;
    this.#row = row;
    this.toggleAttribute("data-own", row.isOwn);
    this.toggleAttribute("data-continued", row.isContinued);
    this.toggleAttribute("data-gone", row.isDeleted);
    this.toggleAttribute("data-for-me", Boolean(row.isForMe));
    this.dataset.status = row.status;

    this.style.setProperty("--hue", String(hue(row.author_id)));
    this.#part("avatar").textContent = initial(row.author);
    this.#part("author").textContent = row.author;
    if (row.author !== before.author) this.handle.ariaLabel = `${this.handle.title}: ${row.author}`;
    part(this, "role-badge", RoleBadge).show(row.role);
    if (row.text !== before.text || row.mentioned !== before.mentioned) this.#showText();
    if (row.at !== before.at) showTime(part(this, "[data-time]", HTMLTimeElement), row.at);
    if (row.id !== before.id && row.id) part(this, "[data-link]", HTMLAnchorElement).href = `#m${row.id}`;
    this.#showMarks();
    this.#showQuote();
    this.#showFailure();
    this.#showReactions();
  }

  /** What leads to the actions. */
  get handle() {
    return this.#part("more");
  }

  /** What is shown. */
  get row() {
    return this.#row;
  }

  /** Whoever comes here by the keyboard hears whose it is and what it says. */
  beNamed() {
    const names = ["author", "to-you", "body", "deleted", "removed", "time"];
    this.ariaLabelledByElements = names.map((name) => this.#part(name)).filter(({ hidden }) => !hidden);
  }

  #showText() {
    const { text, mentioned } = this.#row;
    showText(this.#part("body"), text);
    if (mentioned) markMentions(this.#part("body"), mentioned.split("\n"));
    // Few are long: the others have no button.
    const is = isLong(text);
    if (is || this.#fold) this.#foldButton().hidden = !is;
    this.#unfold(this.#isWhole);
  }

  /** Show all of a long text, or its beginning. @type {(isWhole: boolean) => void} */
  #unfold(isWhole) {
    const button = this.#fold;
    this.toggleAttribute("data-folded", button !== null && !button.hidden && !isWhole);
    if (!button || button.hidden) return;
    this.#isWhole = isWhole;
    button.setAttribute("aria-expanded", String(isWhole));
    part(button, "[data-show-more]", HTMLElement).hidden = isWhole;
    part(button, "[data-show-less]", HTMLElement).hidden = !isWhole;
  }

  #foldButton() {
    this.#fold ??= copy("fold-template", HTMLElement);
    if (!this.#fold.isConnected) this.#part("body").after(this.#fold);
    return this.#fold;
  }

  #showMarks() {
    const { isForMe, isDeleted, isRemoved, isRestorable, edited_at, status, id } = this.#row;
    this.#part("to-you").hidden = !isForMe || isDeleted;
    this.#part("deleted").hidden = !isDeleted || Boolean(isRemoved);
    this.#part("removed").hidden = !isRemoved;
    this.#part("edited").hidden = !edited_at || isDeleted;
    if (edited_at) showFull(this.#part("edited"), edited_at);
    this.#part("pending").hidden = status !== "pending";
    this.#part("more").hidden = id === undefined || (isDeleted && !isRestorable);
  }

  #showQuote() {
    const { reply_to, original, isDeleted } = this.#row;
    this.#part("quote").hidden = reply_to === undefined || isDeleted;
    const isGone = original !== undefined && typeof original.sender !== "string";
    const isUnsaid = original !== undefined && !isGone && typeof original.message !== "string";
    this.#part("quote-author").textContent = original?.sender ?? "";
    // The beginning is all that there is room for.
    this.#part("quote-text").textContent = plain(original?.message?.slice(0, QUOTED) ?? "");
    this.#part("quote-deleted").hidden = !isUnsaid;
    this.#part("quote-gone").hidden = !isGone;
    this.#part("quote-earlier").hidden = original !== undefined;
  }

  #showFailure() {
    const { status, reason, isLimited, isSlowed, isFiltered, isForeign } = this.#row;
    this.#part("limited").hidden = !isLimited;
    this.#part("slowed").hidden = !isSlowed;
    this.#part("held").hidden = status !== "held";
    this.#part("retry").hidden = Boolean(isFiltered);
    this.#part("revise").hidden = !isFiltered;
    this.#part("failure").hidden = status !== "failed";
    this.#part("interrupted").hidden = Boolean(reason) || Boolean(isForeign);
    this.#part("foreign").hidden = !isForeign;
    this.#part("reason").textContent = reason ?? "";
  }

  #showReactions() {
    const reactions = [...(this.#row.reactions ?? [])].filter(([, people]) => people.length > 0);
    const chips = new Map(
      reactions.map(([emoji]) => [emoji, this.#chips.get(emoji) ?? copy("reaction-template", HTMLElement)]),
    );
    for (const [emoji, chip] of this.#chips) if (!chips.has(emoji)) chip.remove();
    this.#chips = chips;

    const place = this.#part("reactions");
    place.hidden = chips.size === 0;
    for (const [emoji, people] of reactions) {
      const chip = /** @type {HTMLElement} */ (chips.get(emoji));
      if (!chip.isConnected) place.append(chip);
      this.#showReaction(chip, emoji, people);
    }
  }

  /** @type {(chip: HTMLElement, emoji: string, ids: string[]) => void} */
  #showReaction(chip, emoji, ids) {
    const { me, people } = this.#row;
    const others = ids.filter((id) => id !== me);
    const isOn = others.length < ids.length;
    const known = others.flatMap((id) => people?.get(id) || []);
    const you = this.#part("reactions").dataset.you ?? "";
    const names = [...(isOn ? [you] : []), ...known];
    const rest = ids.length - names.length;
    chip.dataset.emoji = emoji;
    part(chip, "[data-symbol]", HTMLElement).textContent = emoji;
    part(chip, "[data-number]", HTMLElement).textContent = String(ids.length);
    chip.setAttribute("aria-pressed", String(isOn));
    chip.title = list.format(rest > 0 ? [...names, `+${rest}`] : names);
  }

  /** @type {(event: MouseEvent) => void} */
  #click(event) {
    const { id, ref, reply_to } = this.#row;
    const button = around(event, "button");
    if (button?.matches("[data-quote]")) return tell(this, "seek", reply_to);
    if (button?.matches("[data-fold]")) {
      this.#unfold(!this.#isWhole);
      // Who has read a long one to its end is not to be lost below it.
      return this.#isWhole ? undefined : this.scrollIntoView({ block: "nearest" });
    }
    if (button?.matches("[data-retry]")) return tell(this, "retry", ref);
    if (button?.matches("[data-revise]")) return tell(this, "revise", ref);
    if (button?.matches("[data-discard]")) return tell(this, "discard", ref);
    if (id === undefined) return;
    if (button?.matches("[data-more]")) return tell(this, "actions", { id, from: button });
    if (button?.dataset.emoji) {
      const on = button.getAttribute("aria-pressed") !== "true";
      return tell(this, "react", { id, emoji: button.dataset.emoji, on });
    }
    // A finger cannot hover, so for it the whole bubble stands for the button.
    const bubble = around(event, "[data-bubble]");
    if (bubble && !around(event, "a") && matchMedia("(hover: none)").matches && !this.handle.hidden) {
      if (getSelection()?.isCollapsed) tell(this, "actions", { id, from: bubble });
    }
  }

  /** @type {(name: string) => HTMLElement} */
  #part(name) {
    const found = this.#parts.get(name) ?? part(this, `[data-${name}]`, HTMLElement);
    this.#parts.set(name, found);
    return found;
  }
}

/** @type {(row: MessageRow, before: MessageRow) => boolean} */
function isSame(row, before) {
  const keys = /** @type {(keyof MessageRow)[]} */ (Object.keys(row));
  return keys.every((key) => row[key] === before[key]);
}

customElements.define("chat-message", ChatMessage);
