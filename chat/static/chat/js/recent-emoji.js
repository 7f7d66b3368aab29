/** The emoji that were chosen last in this browser, and the tone of skin that they have. */

import { Keeper } from "./keeper.js";

const RECENT = "chat.emoji";
const TONE = "chat.tone";
/** Three lines of them. */
const MOST = 24;

const shared = new Keeper(() => globalThis.localStorage);

/** The latest first. @type {() => string[]} */
export function recall() {
  return (shared.read(RECENT) ?? "").split(" ").filter(Boolean).slice(0, MOST);
}

/** @type {(symbol: string) => void} */
export function remember(symbol) {
  const others = recall().filter((other) => other !== symbol);
  shared.write(RECENT, [symbol, ...others].slice(0, MOST).join(" "));
}

/** None, or one of the five. @type {() => string} */
export function recallTone() {
  return /^\p{Emoji_Modifier}$/u.exec(shared.read(TONE) ?? "")?.[0] ?? "";
}

/** @type {(tone: string) => void} */
export function rememberTone(tone) {
  shared.write(TONE, tone);
}
