/** `<own-name>`: the name we go by. Tells of `rename` when the person wants another. */

import { PageElement } from "./page-element.js";
import { part } from "./part.js";
import { tell } from "./tell.js";

export class OwnName extends PageElement {
  begin() {
    this.addEventListener("click", () => tell(this, "rename"));
  }

  /** @type {(name: string | null) => void} */
  show(name) {
    part(this, "button", HTMLButtonElement).hidden = name === null;
    part(this, "[data-name]", HTMLElement).textContent = name ?? "";
  }
}

customElements.define("own-name", OwnName);
