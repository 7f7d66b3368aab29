/** What is dropped on the page: text goes where it can be written, and nothing else takes the page away. */

/** From now on a file, a picture or a link that is dropped beside its aim does not replace the page. */
export function refuseDrops(target) {
  for (const type of ["dragover", "drop"]) {
    target.addEventListener(type, (event) => {
      if (isWriting(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "none";
    });
  }
}

/** Text over a box to write in, which the browser puts there; a file it would open even from there. */
function isWriting({ target, dataTransfer }) {
  return Boolean(target.closest?.("textarea, input")) && !dataTransfer.types.includes("Files");
}
