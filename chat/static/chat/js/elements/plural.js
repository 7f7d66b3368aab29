/** Numbers in words: in the grammar of the page's language, whose forms stand in the templates. */

const plural = new Intl.PluralRules(document.documentElement.lang);

/** Of the forms in the element, show the one that fits this number. */
export function showCount(element, count) {
  const category = plural.select(count);
  for (const form of element.querySelectorAll("[data-plural]")) {
    form.hidden = form.dataset.plural !== category;
    form.querySelector("[data-number]").textContent = count;
  }
}
