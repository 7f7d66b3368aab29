/** A page of the admin that asks for itself anew: its parts become what the server would show now. */

/**
 * The page at an address, as it is now. Throws where the site does not answer with a page.
 * @type {(address: string, options?: RequestInit) => Promise<Document>}
 */
export async function ask(address, options) {
  const answer = await fetch(address, options);
  if (answer.status >= 500) throw new Error(`${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/**
 * Have a part of the page be what it is in another one. Whoever had the focus in it has it again.
 * @type {(part: Element, page: Document) => void}
 */
export function exchange(part, page) {
  const now = page.getElementById(part.id);
  if (!now || now.innerHTML === part.innerHTML) return;
  const place = placeOf(part, document.activeElement);
  part.replaceChildren(...now.childNodes);
  if (place) /** @type {HTMLElement | null} */ (part.querySelector(place))?.focus({ preventScroll: true });
}

/** By what something is found again that has the focus. @type {(part: Element, active: Element | null) => string} */
function placeOf(part, active) {
  if (!active || !part.contains(active)) return "";
  if (active.id) return `#${CSS.escape(active.id)}`;
  const address = active.getAttribute("href");
  return address === null ? "" : `[href="${CSS.escape(address)}"]`;
}

/**
 * Does something again and again while somebody looks at the page, one time after the other; when that has
 * failed the page says that it is old.
 */
export class Rounds {
  #task;
  #seconds;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isBusy = false;
  #isWanted = false;
  #isHeld = false;

  /**
   * `seconds` is asked before each wait.
   * @param {() => Promise<void>} task
   * @param {() => number} seconds
   */
  constructor(task, seconds) {
    this.#task = task;
    this.#seconds = seconds;
    document.addEventListener("visibilitychange", () => this.hurry());
    this.#wait();
  }

  /** Do it now, or as soon as it is over where it is under way. */
  hurry() {
    this.#isWanted = true;
    if (!this.#isBusy && !this.#isHeld && !document.hidden) void this.#run();
  }

  /**
   * Do something else meanwhile, and then this.
   * @template T
   * @param {() => Promise<T>} other
   */
  async instead(other) {
    this.#isHeld = true;
    try {
      return await other();
    } finally {
      this.#isHeld = false;
      this.hurry();
    }
  }

  async #run() {
    clearTimeout(this.#timer);
    this.#isBusy = true;
    this.#isWanted = false;
    try {
      await this.#task();
      say(true);
    } catch {
      say(false);
    }
    this.#isBusy = false;
    this.#wait();
  }

  #wait() {
    // In a busy room once a second is enough.
    this.#timer = setTimeout(() => this.hurry(), this.#isWanted ? 1000 : this.#seconds() * 1000);
  }
}

/** @type {(isNew: boolean) => void} */
function say(isNew) {
  const note = document.getElementById("stale");
  if (note) note.hidden = isNew;
}
