/**
 * Beside the talk where there is room for it, over it where there is not: then it is closed by whatever is done
 * elsewhere. The button that controls it stands somewhere in the page.
 */

import { PageElement } from "./page-element.js";
import { around, part } from "./part.js";

/** Where this much room is, panels stand beside the talk; the style sheets have the same number. */
const WIDE = matchMedia("(min-width: 64rem)");

export class SidePanel extends PageElement {
  /** @type {HTMLElement} */
  #opener;
  /** Whether it is to be seen where there is room for it. */
  #isWanted = false;

  begin() {
    this.#opener = part(document, `[aria-controls="${this.id}"]`, HTMLElement);
    this.#opener.addEventListener("click", () => this.#toggle());
    this.addEventListener("click", (event) => {
      if (around(event, "[data-close]")) this.close();
    });
    this.addEventListener("toggle", () => this.#tell());
    // In time for the focus to go back to where it came from.
    this.addEventListener("beforetoggle", ({ newState }) => newState === "closed" && cover(false));
    WIDE.addEventListener("change", () => this.#settle());
    this.#settle();
  }

  /** Have it beside the talk, or not. @type {(isWanted: boolean) => void} */
  want(isWanted) {
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    this.#settle();
    if (isWanted) this.#makeRoom();
  }

  /** Have it in sight, and the focus in it. */
  open() {
    if (!this.isShown) this.#toggle();
    else this.first()?.focus();
  }

  /** Put it away, and give the focus back. */
  close() {
    if (WIDE.matches) this.want(false);
    else this.hidePopover();
    this.#opener.focus();
  }

  /** It is for somebody else now. */
  vanish() {
    this.want(false);
    this.yield();
  }

  /** It was over the talk, and what was looked for is found. */
  yield() {
    if (!WIDE.matches) this.hidePopover();
  }

  /** Called whenever it comes into sight. */
  opened() {}

  /** Where in it the focus begins. @type {() => HTMLElement | null} */
  first() {
    return this.querySelector("[data-close]");
  }

  get isShown() {
    return WIDE.matches ? !this.hidden : this.matches(":popover-open");
  }

  /** At each side of the talk there is room for one. */
  #makeRoom() {
    const side = this.matches(".side-end") ? ".side-end" : ".side-start";
    for (const other of document.querySelectorAll(side)) {
      if (other instanceof SidePanel && other !== this) other.want(false);
    }
  }

  #toggle() {
    if (WIDE.matches) this.want(!this.#isWanted);
    else this.togglePopover();
    if (this.isShown) this.first()?.focus();
  }

  #settle() {
    if (WIDE.matches) this.removeAttribute("popover");
    else this.popover = "auto";
    this.hidden = WIDE.matches && !this.#isWanted;
    this.#tell();
  }

  #tell() {
    const { isShown } = this;
    cover(document.querySelector(".side:popover-open") !== null);
    if (this.#opener.getAttribute("aria-expanded") === String(isShown)) return;
    this.#opener.setAttribute("aria-expanded", String(isShown));
    if (isShown) this.opened();
  }
}

/** What is behind a panel is out of reach for the keyboard as well. @type {(isCovered: boolean) => void} */
function cover(isCovered) {
  part(document, ".talk", HTMLElement).inert = isCovered;
}
