/** How much waits for the person, where the browser shows that: at the icon of the app, and of the tab. */

import { part } from "./elements/part.js";
import { unreadBeside } from "./room-list.js";

/** @import { State } from "./state.js" */
/** @import { Store } from "./store.js" */

/** From now on the icons say so. @type {(store: Store) => void} */
export function follow(store) {
  const icon = part(document, 'link[rel="icon"]', HTMLLinkElement);
  const [plain, marked] = [icon.href, part(document, "[data-news-icon]", HTMLElement).dataset.newsIcon ?? ""];
  store.follow((state, before) => {
    if (state.list === before.list && state.unread === before.unread) return;
    const { mentions } = unreadBeside(state.list);
    const isNews = mentions > 0 || state.unread > 0;
    const href = isNews ? marked : plain;
    if (icon.href !== href) icon.href = href;
    show(mentions, isNews);
  });
}

/** A number where something is to us, and else a dot. @type {(mentions: number, isNews: boolean) => void} */
function show(mentions, isNews) {
  if (!("setAppBadge" in navigator)) return;
  const shown = isNews ? navigator.setAppBadge(mentions || undefined) : navigator.clearAppBadge();
  // Where this is no app it has no icon.
  shown.catch(() => {});
}
