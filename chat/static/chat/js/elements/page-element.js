/** What the page's own elements have in common. */

/** An element whose `begin` is called once, when it first stands in the page, however often it is moved. */
export class PageElement extends HTMLElement {
  #hasBegun = false;

  connectedCallback() {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.begin();
  }

  /** Its pieces are there: find them, and listen to them. */
  begin() {}
}
