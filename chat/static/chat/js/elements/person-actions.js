/** `<person-actions>`: what one may ask of somebody who is here, or do about them. Tells of `wish`, `mention` and `tool`. */

import { PageElement } from "./page-element.js";
import { around, part, parts } from "./part.js";
import { place, showTools, step } from "./popover.js";
import { tell } from "./tell.js";
import { copy } from "./template.js";

/** @import { Tool } from "../tools.js" */
/** @import { Offer } from "../offers.js" */
/** @import { Member } from "../protocol.js" */

export class PersonActions extends PageElement {
  /** @type {Offer[]} */
  #offers = [];
  /** @type {Member | undefined} */
  #member;

  begin() {
    this.addEventListener("click", (event) => {
      const button = around(event, "[data-mention], [data-offer], [data-tool]");
      if (!button) return;
      const { mention, offer, tool } = button.dataset;
      this.hidePopover();
      if (mention !== undefined) tell(this, "mention", this.#member?.name);
      else if (offer) tell(this, "wish", this.#offers[Number(offer)].wish);
      else tell(this, "tool", { tool: /** @type {Tool} */ (tool), member: this.#member });
    });
    this.addEventListener("keydown", (event) => step(this, event));
  }

  /**
   * Offer this about somebody, who may be mentioned where we may speak, beside the element that was pressed.
   * @type {(member: Member, more: { offers: Offer[], tools: Tool[], maySpeak: boolean }, from: HTMLElement) => void}
   */
  open(member, { offers, tools, maySpeak }, from) {
    this.#member = member;
    this.#offers = offers;
    part(this, "[data-name]", HTMLElement).textContent = member.name;
    part(this, "[data-mention]", HTMLElement).hidden = !maySpeak;
    part(this, "[data-offers]", HTMLElement).replaceChildren(
      ...offers.map(({ kind, title }, index) => {
        const button = copy(`${kind}-offer-template`, HTMLElement);
        button.dataset.offer = String(index);
        for (const name of parts(button, "[data-title]")) name.textContent = title;
        return button;
      }),
    );
    showTools(this, tools, member.name);
    this.showPopover();
    place(this, from.getBoundingClientRect());
    (parts(this, "button").find((button) => button.checkVisibility()) ?? this).focus();
  }
}

customElements.define("person-actions", PersonActions);
