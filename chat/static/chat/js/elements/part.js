/** The pieces of an element, which the templates promise. */

/**
 * The piece of `root` that fits `selector`. Throws where the template has none of this `kind`.
 * @template {Element} Kind
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function part(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new TypeError(`There is no ${selector} of the kind ${kind.name}.`);
  return found;
}

/**
 * The pieces of `root` that fit `selector`, in order.
 * @type {(root: ParentNode, selector: string) => HTMLElement[]}
 */
export function parts(root, selector) {
  return Array.from(root.querySelectorAll(selector), (found) => /** @type {HTMLElement} */ (found));
}

/**
 * What fits `selector` around the place where something happened.
 * @type {(event: Event, selector: string) => HTMLElement | null}
 */
export function around({ target }, selector) {
  return target instanceof Element ? target.closest(selector) : null;
}
