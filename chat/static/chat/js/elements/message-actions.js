/**
 * `<message-actions>`: what can be done with a message. Tells of `react`, `reply`, `edit` and `erase`; the
 * detail is the message's id, or for `react` `{ id, emoji, on }`.
 */

import { PageElement } from "./page-element.js";
import { around, part, parts } from "./part.js";
import { tell } from "./tell.js";

/** @import { Message } from "../protocol.js" */

/** How far it stays from what it belongs to and from the edge of the window, in pixels. */
const GAP = 6;
/** Which way a key leads among the actions. */
const STEPS = new Map([["ArrowRight", 1], ["ArrowDown", 1], ["ArrowLeft", -1], ["ArrowUp", -1]]);

export class MessageActions extends PageElement {
  #id = 0;
  /** @type {HTMLElement | null} */
  #from = null;

  begin() {
    this.addEventListener("click", (event) => this.#choose(around(event, "button")));
    this.addEventListener("keydown", (event) => this.#press(event));
    this.addEventListener("toggle", ({ newState }) => newState === "closed" && this.#closed());
    // What it belongs to is moving away.
    for (const type of ["wheel", "touchmove", "resize"]) {
      addEventListener(type, () => this.#isOpen() && this.hidePopover(), { passive: true });
    }
  }

  /**
   * Offer what can be done with this message, ours or not, beside the element that was pressed.
   * @type {(message: Message, me: string, from: HTMLElement) => void}
   */
  open(message, me, from) {
    if (message.deleted) return;
    if (this.#isOpen()) this.hidePopover();
    this.#id = message.id;
    this.#from = from;
    from.toggleAttribute("data-active", true);
    for (const action of parts(this, "[data-own]")) action.hidden = message.sender_id !== me;
    for (const button of parts(this, "[data-emoji]")) {
      const people = message.reactions?.get(button.dataset.emoji ?? "") ?? [];
      button.setAttribute("aria-pressed", String(people.includes(me)));
    }
    this.showPopover();
    this.#place(from.getBoundingClientRect());
    part(this, "button", HTMLElement).focus();
  }

  /**
   * Below what was pressed where there is room, else above, and always in the window.
   * @type {(beside: DOMRect) => void}
   */
  #place(beside) {
    const { width, height } = this.getBoundingClientRect();
    const below = beside.bottom + GAP;
    const top = below + height + GAP > innerHeight ? beside.top - GAP - height : below;
    const left = beside.left + beside.width / 2 - width / 2;
    this.style.top = `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
    this.style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
  }

  /** @type {(button: HTMLElement | null) => void} */
  #choose(button) {
    if (!button) return;
    const { emoji, action } = button.dataset;
    const on = button.getAttribute("aria-pressed") !== "true";
    this.hidePopover();
    if (emoji) tell(this, "react", { id: this.#id, emoji, on });
    else tell(this, /** @type {"reply" | "edit" | "erase"} */ (action), this.#id);
  }

  /** @type {(event: KeyboardEvent) => void} */
  #press(event) {
    const step = STEPS.get(event.key);
    if (!step) return;
    event.preventDefault();
    const buttons = parts(this, "button").filter((button) => button.checkVisibility());
    const index = buttons.findIndex((button) => button === document.activeElement) + step;
    buttons.at(index % buttons.length)?.focus();
  }

  #closed() {
    this.#from?.toggleAttribute("data-active", false);
  }

  #isOpen() {
    return this.matches(":popover-open");
  }
}

customElements.define("message-actions", MessageActions);
