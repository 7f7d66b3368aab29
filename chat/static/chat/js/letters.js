/** Whoever begins to write without having gone to the box writes there. */

import { page } from "./page.js";

/** What takes letters itself. */
const WRITTEN = "input, textarea, select, [contenteditable]";
/** What stands over the talk, and waits for an answer. */
const ABOVE = "dialog[open], :popover-open";

/**
 * From now on a letter goes to the box where nothing has the focus, or only what a mouse has pressed: whoever goes by the
 * keyboard has other plans with letters on a message (log-keys.js).
 */
export function takeLetters() {
  let isPressed = false;
  /** What has the focus because it was pressed. @type {EventTarget | null} */
  let pressed = null;
  const release = () => (isPressed = false);
  document.addEventListener("pointerdown", ({ pointerType }) => (isPressed = pointerType === "mouse"), { capture: true });
  document.addEventListener("pointerup", release, { capture: true });
  document.addEventListener("pointercancel", release, { capture: true });
  document.addEventListener("focusin", ({ target }) => (pressed = isPressed ? target : null), { capture: true });
  document.addEventListener(
    "keydown",
    (event) => {
      const { activeElement } = document;
      const isFree = activeElement === document.body || (activeElement === pressed && !activeElement?.matches(WRITTEN));
      if (!isFree || !isLetter(event) || document.querySelector(ABOVE) || page.composer.isSilent) return;
      // The browser puts it where the focus is now, and nobody else is to make anything of it.
      event.stopPropagation();
      page.composer.write();
    },
    { capture: true },
  );
}

/** A space scrolls or presses, and a question mark asks for the keys. @type {(event: KeyboardEvent) => boolean} */
function isLetter({ key, ctrlKey, metaKey, altKey, isComposing }) {
  return key.length === 1 && key !== " " && key !== "?" && !ctrlKey && !metaKey && !altKey && !isComposing;
}
