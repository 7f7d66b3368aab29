/** `<own-name>`: the name we go by. Tells of `rename` when the person wants another. */

class OwnName extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", () => this.dispatchEvent(new Event("rename", { bubbles: true })));
  }

  show(name) {
    this.querySelector("button").hidden = name === null;
    this.querySelector("[data-name]").textContent = name ?? "";
  }
}

customElements.define("own-name", OwnName);
