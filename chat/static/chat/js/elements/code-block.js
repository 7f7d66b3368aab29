/** `<code-block>`: code in a message, with a button that copies it. */

import { PageElement } from "./page-element.js";
import { part } from "./part.js";

/** How long it says that it has copied, in milliseconds. */
const GLOW = 2000;

export class CodeBlock extends PageElement {
  begin() {
    const button = part(this, "[data-copy]", HTMLElement);
    const code = part(this, "pre", HTMLElement);
    // What is cut off can be scrolled to by keyboard.
    if (code.scrollWidth > code.clientWidth || code.scrollHeight > code.clientHeight) code.tabIndex = 0;
    button.hidden = false;
    button.addEventListener("click", () => this.#copy());
  }

  async #copy() {
    const code = part(this, "code", HTMLElement);
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      // Only a page that came over TLS has a clipboard; any page may copy what is selected.
      getSelection()?.selectAllChildren(code);
      if (!document.execCommand("copy")) return;
    }
    const status = part(this, "[data-copied]", HTMLElement);
    status.hidden = false;
    setTimeout(() => (status.hidden = true), GLOW);
  }
}

customElements.define("code-block", CodeBlock);
