/** How elements say what happened, and how somebody hears it: an event that bubbles, under a name of our own. */

/** Before each name, so that none is one of the DOM's: a `name` or a `reply` may be told there one day. */
const PREFIX = "chat-";

export function tell(element, type, detail) {
  element.dispatchEvent(new CustomEvent(PREFIX + type, { detail, bubbles: true }));
}

/** From now on call what `acts` has under a name with the detail of each event that is told by this name. */
export function hear(target, acts) {
  for (const [type, act] of Object.entries(acts)) {
    target.addEventListener(PREFIX + type, ({ detail }) => act(detail));
  }
}
