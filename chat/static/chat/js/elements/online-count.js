/** `<online-count>`: how many people are in the room, in the grammar of the page's language. */

const plural = new Intl.PluralRules(document.documentElement.lang);

class OnlineCount extends HTMLElement {
  /** Show this number, or nothing where it is not known. */
  show(count) {
    this.hidden = count === null;
    if (this.hidden) return;
    const category = plural.select(count);
    for (const part of this.querySelectorAll("[data-plural]")) {
      part.hidden = part.dataset.plural !== category;
      part.querySelector("[data-number]").textContent = count;
    }
  }
}

customElements.define("online-count", OnlineCount);
