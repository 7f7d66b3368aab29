/** `<own-name>`: the name we go by. Tells of `rename` when the person wants another. */

import { tell } from "./tell.js";

class OwnName extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", () => tell(this, "rename"));
  }

  show(name) {
    this.querySelector("button").hidden = name === null;
    this.querySelector("[data-name]").textContent = name ?? "";
  }
}

customElements.define("own-name", OwnName);
