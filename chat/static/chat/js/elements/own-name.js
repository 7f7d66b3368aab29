/**
 * `<own-name>`: the name we go by. Tells of `rename` when a guest wants another, or a first one; a user of the site has
 * the name of the account there, and may sign out.
 */

import { PageElement } from "./page-element.js";
import { part, parts } from "./part.js";
import { GAP } from "./popover.js";
import { tell } from "./tell.js";

export class OwnName extends PageElement {
  begin() {
    for (const button of parts(this, "[data-guest], [data-reader]")) {
      button.addEventListener("click", () => tell(this, "rename"));
    }
    const [button, card] = [part(this, "[data-user]", HTMLElement), part(this, "[popover]", HTMLElement)];
    card.addEventListener("beforetoggle", () => {
      const { bottom, right } = button.getBoundingClientRect();
      card.style.top = `${bottom + GAP}px`;
      card.style.right = `${innerWidth - right}px`;
    });
  }

  /**
   * Who has no name yet `isAsked` for one.
   * @type {(me: { name: string | null, isUser: boolean, isAsked: boolean }) => void}
   */
  show({ name, isUser, isAsked }) {
    part(this, "[data-reader]", HTMLElement).hidden = !isAsked;
    part(this, "[data-guest]", HTMLElement).hidden = name === null || isUser;
    part(this, "[data-user]", HTMLElement).hidden = name === null || !isUser;
    for (const place of parts(this, "[data-name]")) {
      if (place.textContent !== (name ?? "")) place.textContent = name ?? "";
    }
  }
}

customElements.define("own-name", OwnName);
