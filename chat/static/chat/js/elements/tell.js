/** How elements say what happened: an event that bubbles, for whoever listens. */

export function tell(element, type, detail) {
  element.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
}
