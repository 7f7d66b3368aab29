/** Putting text into a box in which somebody writes, as if they had typed it. */

/**
 * Replace what stands in the box between these places, so that it can be undone; the caret is behind it.
 * @type {(box: HTMLTextAreaElement, from: number, to: number, text: string) => void}
 */
export function replace(box, from, to, text) {
  box.focus();
  box.setSelectionRange(from, to);
  // Deprecated, and yet the one way that the browser can undo. Either way an `input` is told.
  if (document.execCommand("insertText", false, text)) return;
  box.setRangeText(text, from, to, "end");
  box.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
