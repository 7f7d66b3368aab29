/** `<alerts-button>`: whether one is told of what is said. Tells of `alerts`: it is to be said otherwise. */

import { PageElement } from "./page-element.js";
import { part } from "./part.js";
import { tell } from "./tell.js";

export class AlertsButton extends PageElement {
  begin() {
    part(this, "button", HTMLElement).addEventListener("click", () => tell(this, "alerts"));
  }

  /** @type {(isOn: boolean) => void} */
  show(isOn) {
    for (const state of ["on", "off"]) {
      // Not `hidden =`, which an icon does not have.
      const isShown = isOn === (state === "on");
      for (const place of this.querySelectorAll(`[data-${state}]`)) place.toggleAttribute("hidden", !isShown);
    }
  }
}

customElements.define("alerts-button", AlertsButton);
