/** The pieces of HTML that the page repeats: `<template>`s of templates/chat/parts/. */

import { part } from "./part.js";

/**
 * A fresh copy of the one element in the `<template>` with this id, which is of this `kind`.
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function copy(id, kind) {
  const { content } = part(document, `#${id}`, HTMLTemplateElement);
  // importNode, not cloneNode: so that custom elements in the copy are alive at once.
  const copied = document.importNode(part(content, "*", HTMLElement), true);
  if (!(copied instanceof kind)) throw new TypeError(`What is in #${id} is not of the kind ${kind.name}.`);
  return copied;
}
