/** Notifications of the desktop: one a room at most, as long as what it tells is to be told. */

/** Whether there may be any. @returns {"unsupported" | NotificationPermission} */
export function permission() {
  return "Notification" in globalThis ? Notification.permission : "unsupported";
}

/** Ask the person whether they want any; to be called when they have just clicked. What they say. */
export async function ask() {
  if (permission() === "default") await Notification.requestPermission();
  return permission();
}

/** @typedef {{ room: string, id: number, title: string, body: string }} Words */

export class Desktop {
  /** By the slugs of their rooms. @type {Map<string, { id: number, shown: Notification }>} */
  #notifications = new Map();
  #choose;

  /** `choose` is called with the message that somebody has clicked on. @param {(room: string, id: number) => void} choose */
  constructor(choose) {
    this.#choose = choose;
  }

  /** In place of what was shown of the same room before, in whichever tab. @type {(words: Words) => void} */
  show({ room, id, title, body }) {
    if (permission() !== "granted") return;
    const shown = made(title, { body, tag: `chat ${room}`, dir: "auto", silent: true });
    if (!shown) return;
    shown.onclick = () => {
      shown.close();
      window.focus();
      this.#choose(room, id);
    };
    this.#notifications.set(room, { id, shown });
  }

  /** These are told no more. @type {(isOver: (room: string, id: number) => boolean) => void} */
  closeWhere(isOver) {
    for (const [room, { id, shown }] of this.#notifications) {
      if (!isOver(room, id)) continue;
      shown.close();
      this.#notifications.delete(room);
    }
  }
}

/** Some browsers, on phones, let no page show any. @type {(title: string, options: NotificationOptions) => Notification | null} */
function made(title, options) {
  try {
    return new Notification(title, options);
  } catch {
    return null;
  }
}
