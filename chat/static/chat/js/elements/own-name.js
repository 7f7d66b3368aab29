/** `<own-name>`: the name we go by. Tells of `rename` when the person wants another. */

import { PageElement } from "./page-element.js";
import { tell } from "./tell.js";

class OwnName extends PageElement {
  begin() {
    this.addEventListener("click", () => tell(this, "rename"));
  }

  show(name) {
    this.querySelector("button").hidden = name === null;
    this.querySelector("[data-name]").textContent = name ?? "";
  }
}

customElements.define("own-name", OwnName);
