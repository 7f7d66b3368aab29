/**
 * `<message-actions>`: what can be done with a message. Tells of `react`, `reply`, `words`, `link`, `edit`, `erase` and `report`; the
 * detail is the message's id, or for `react` `{ id, emoji, on }`; of `pick` (detail: `{ id, from }`), where another emoji
 * is wanted; and of `tool`, what a moderator has chosen.
 */

import { PageElement } from "./page-element.js";
import { around, parts } from "./part.js";
import { place, showTools, step } from "./popover.js";
import { tell } from "./tell.js";

/** @import { Tool } from "../tools.js" */
/** @import { Message } from "../protocol.js" */

export class MessageActions extends PageElement {
  #id = 0;
  /** @type {HTMLElement | null} */
  #from = null;

  begin() {
    this.addEventListener("click", (event) => this.#choose(around(event, "button")));
    this.addEventListener("keydown", (event) => step(this, event));
    this.addEventListener("toggle", ({ newState }) => newState === "closed" && this.#closed());
    // What it belongs to is moving away, save where the card itself is scrolled.
    for (const type of ["wheel", "touchmove", "resize"]) {
      addEventListener(type, (event) => this.#isOpen() && !isIn(this, event) && this.hidePopover(), { passive: true });
    }
  }

  /**
   * Offer what can be done with this message, ours or not, beside the element that was pressed. What was reported
   * before is not reported again. What is deleted can at most be restored.
   * @type {(message: Message, me: string, more: { tools: Tool[], isReported: boolean }, from: HTMLElement) => void}
   */
  open(message, me, { tools, isReported }, from) {
    const isGone = Boolean(message.deleted);
    if (isGone && tools.length === 0) return;
    if (this.#isOpen()) this.hidePopover();
    this.#id = message.id;
    this.#from = from;
    from.toggleAttribute("data-active", true);
    for (const piece of parts(this, ":scope > :not([data-tools])")) piece.hidden = isGone;
    for (const action of parts(this, "[data-own]")) action.hidden = isGone || message.sender_id !== me;
    for (const action of parts(this, "[data-reportable]")) action.hidden = isGone || isReported || message.sender_id === me;
    for (const button of parts(this, "[data-emoji]")) {
      const people = message.reactions?.get(button.dataset.emoji ?? "") ?? [];
      button.setAttribute("aria-pressed", String(people.includes(me)));
    }
    for (const name of parts(this, "[data-whose]")) name.textContent = message.sender;
    showTools(this, tools, message.sender);
    this.showPopover();
    place(this, from.getBoundingClientRect());
    parts(this, "button").find((button) => button.checkVisibility())?.focus();
  }

  /** @type {(button: HTMLElement | null) => void} */
  #choose(button) {
    if (!button) return;
    const { emoji, action, tool } = button.dataset;
    const on = button.getAttribute("aria-pressed") !== "true";
    this.hidePopover();
    if (button.matches("[data-pick]")) return tell(this, "pick", { id: this.#id, from: this.#from ?? this });
    if (tool) tell(this, "tool", { tool: /** @type {Tool} */ (tool), message: this.#id });
    else if (emoji) tell(this, "react", { id: this.#id, emoji, on });
    else tell(this, /** @type {"reply" | "edit" | "erase" | "report" | "words" | "link"} */ (action), this.#id);
  }

  #closed() {
    this.#from?.toggleAttribute("data-active", false);
  }

  #isOpen() {
    return this.matches(":popover-open");
  }
}

/** @type {(card: HTMLElement, event: Event) => boolean} */
function isIn(card, { target }) {
  return target instanceof Node && card.contains(target);
}

customElements.define("message-actions", MessageActions);
