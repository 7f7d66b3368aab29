/**
 * `<message-actions>`: what can be done with a message. Tells of `react`, `reply`, `edit` and `erase`; the
 * detail is the message's id, or for `react` `{ id, emoji, on }`.
 */

import { PageElement } from "./page-element.js";
import { tell } from "./tell.js";

/** How far it stays from what it belongs to and from the edge of the window, in pixels. */
const GAP = 6;

class MessageActions extends PageElement {
  #id = null;
  #from = null;

  begin() {
    this.addEventListener("click", ({ target }) => this.#choose(target.closest("button")));
    this.addEventListener("keydown", (event) => this.#press(event));
    this.addEventListener("toggle", ({ newState }) => newState === "closed" && this.#closed());
    // What it belongs to is moving away.
    for (const type of ["wheel", "touchmove", "resize"]) {
      addEventListener(type, () => this.#isOpen() && this.hidePopover(), { passive: true });
    }
  }

  /** Offer what can be done with this message, beside the element that was pressed. */
  open(message, from) {
    if (!message || message.deleted) return;
    if (this.#isOpen()) this.hidePopover();
    this.#id = message.id;
    this.#from = from;
    from.toggleAttribute("data-active", true);
    for (const part of this.querySelectorAll("[data-own]")) part.hidden = !message.isOwn;
    for (const button of this.querySelectorAll("[data-emoji]")) {
      const people = message.reactions?.get(button.dataset.emoji) ?? [];
      button.setAttribute("aria-pressed", people.includes(message.me));
    }
    this.showPopover();
    this.#place(from.getBoundingClientRect());
    this.querySelector("button").focus();
  }

  /** Below what was pressed where there is room, else above, and always in the window. */
  #place(beside) {
    const { width, height } = this.getBoundingClientRect();
    const below = beside.bottom + GAP;
    const top = below + height + GAP > innerHeight ? beside.top - GAP - height : below;
    const left = beside.left + beside.width / 2 - width / 2;
    this.style.top = `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
    this.style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
  }

  #choose(button) {
    if (!button) return;
    const { emoji, action } = button.dataset;
    const on = button.getAttribute("aria-pressed") !== "true";
    this.hidePopover();
    if (emoji) tell(this, "react", { id: this.#id, emoji, on });
    else tell(this, action, this.#id);
  }

  #press(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = Array.from(this.querySelectorAll("button")).filter((button) => button.checkVisibility());
    const index = buttons.indexOf(document.activeElement) + step;
    buttons.at(index % buttons.length).focus();
  }

  #closed() {
    this.#from?.toggleAttribute("data-active", false);
  }

  #isOpen() {
    return this.matches(":popover-open");
  }
}

customElements.define("message-actions", MessageActions);
