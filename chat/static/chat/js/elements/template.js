/** The pieces of HTML that the page repeats: `<template>`s of templates/chat/parts/. */

/** A fresh copy of the one element in the `<template>` with this id. */
export function copy(id) {
  const { content } = document.getElementById(id);
  // importNode, not cloneNode: so that custom elements in the copy are alive at once.
  return document.importNode(content.firstElementChild, true);
}
