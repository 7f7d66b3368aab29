/** What is dropped on the page: text goes where it can be written, and nothing else takes the page away. */

/**
 * From now on a file, a picture or a link that is dropped beside its aim does not replace the page.
 * @type {(target: Document) => void}
 */
export function refuseDrops(target) {
  target.addEventListener("dragover", refuse);
  target.addEventListener("drop", refuse);
}

/** @type {(event: DragEvent) => void} */
function refuse(event) {
  if (isWriting(event)) return;
  event.preventDefault();
  if (event.dataTransfer) event.dataTransfer.dropEffect = "none";
}

/**
 * Text over a box to write in, which the browser puts there; a file it would open even from there.
 * @type {(event: DragEvent) => boolean}
 */
function isWriting({ target, dataTransfer }) {
  const isOverBox = target instanceof Element && target.closest("textarea, input") !== null;
  return isOverBox && !dataTransfer?.types.includes("Files");
}
