/** `<person-actions>`: what one may ask of somebody who is here, or do about them. Tells of `wish` and `tool`. */

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
      const button = around(event, "[data-offer], [data-tool]");
      if (!button) return;
      const { offer, tool } = button.dataset;
      this.hidePopover();
      if (offer) tell(this, "wish", this.#offers[Number(offer)].wish);
      else tell(this, "tool", { tool: /** @type {Tool} */ (tool), member: this.#member });
    });
    this.addEventListener("keydown", (event) => step(this, event));
  }

  /** @type {(member: Member, offers: Offer[], tools: Tool[], from: HTMLElement) => void} */
  open(member, offers, tools, from) {
    this.#member = member;
    this.#offers = offers;
    part(this, "[data-name]", HTMLElement).textContent = member.name;
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
