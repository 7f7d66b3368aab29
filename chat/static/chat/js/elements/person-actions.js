/** `<person-actions>`: what one may ask of somebody who is here. Tells of `wish`. */

import { PageElement } from "./page-element.js";
import { around, part, parts } from "./part.js";
import { place, step } from "./popover.js";
import { tell } from "./tell.js";
import { copy } from "./template.js";

/** @import { Offer } from "../offers.js" */
/** @import { Member } from "../protocol.js" */

export class PersonActions extends PageElement {
  /** @type {Offer[]} */
  #offers = [];

  begin() {
    this.addEventListener("click", (event) => {
      const button = around(event, "[data-offer]");
      if (!button) return;
      this.hidePopover();
      tell(this, "wish", this.#offers[Number(button.dataset.offer)].wish);
    });
    this.addEventListener("keydown", (event) => step(this, event));
  }

  /** @type {(member: Member, offers: Offer[], from: HTMLElement) => void} */
  open(member, offers, from) {
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
    this.showPopover();
    place(this, from.getBoundingClientRect());
    (this.querySelector("button") ?? this).focus();
  }
}

customElements.define("person-actions", PersonActions);
