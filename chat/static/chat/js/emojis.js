/** Emoji by their names, in English and in the language of the page. Their list comes when one is looked for. */

/**
 * An emoji: its names are as one types them between two colons, the one by which the page calls it first.
 * @typedef {{ symbol: string, names: string[], group: string }} Emoji
 */
/** @typedef {{ emoji: Emoji, name: string }} Match by which of its names one was found */

/** What the names of the other languages are in, by the language; each has them in the order of the list. */
const TRANSLATIONS = new Map([["ru", () => import("./emoji-names-ru.js")]]);

/** What fits better comes first: the very name, what begins so, what has a word that begins so. */
const EXACT = 0;
const BEGINS = 1;
const CONTAINS = 2;

/** A family has none in Unicode's list. */
const SKIN = /(?!👪)(\p{Emoji_Modifier_Base})\uFE0F?/gu;

/** @type {Map<string, Promise<Emoji[]>>} */
const known = new Map();

/**
 * All of them, in the order of the picker. Rejected where they do not come; then the next one who asks, asks again.
 * @type {(language?: string) => Promise<Emoji[]>}
 */
export function emojis(language = document.documentElement.lang) {
  const found = known.get(language) ?? read(language);
  known.set(language, found);
  found.catch(() => known.delete(language));
  return found;
}

/**
 * The emoji of which a name, or a word of it, begins so; the best come first.
 * @type {(all: Emoji[], word: string) => Match[]}
 */
export function find(all, word) {
  const sought = folded(word);
  if (!sought) return [];
  /** @type {Match[][]} */
  const found = [[], [], []];
  for (const emoji of all) {
    const fits = emoji.names.map((name) => fit(name, sought));
    const best = Math.min(...fits);
    found[best]?.push({ emoji, name: emoji.names[fits.indexOf(best)] });
  }
  return found.flat();
}

/** The emoji that is called so. @type {(all: Emoji[], name: string) => Emoji | undefined} */
export function named(all, name) {
  const sought = folded(name);
  return all.find(({ names }) => names.includes(sought));
}

/** The emoji in a tone of skin, where it has any to show. @type {(symbol: string, tone: string) => string} */
export function toned(symbol, tone) {
  return tone ? symbol.replace(SKIN, `$1${tone}`) : symbol;
}

/** @type {(name: string, sought: string) => number} */
function fit(name, sought) {
  if (name === sought) return EXACT;
  if (name.startsWith(sought)) return BEGINS;
  return name.includes(`_${sought}`) ? CONTAINS : Infinity;
}

/** As the names are written, see tools/emoji_list.py. @type {(word: string) => string} */
function folded(word) {
  return word.trim().toLowerCase().replaceAll("ё", "е").replace(/(?<=.)[^\p{L}\p{M}\p{N}]+/gu, "_");
}

/** @type {(language: string) => Promise<Emoji[]>} */
async function read(language) {
  const [{ LIST }, translation] = await Promise.all([import("./emoji-list.js"), TRANSLATIONS.get(language)?.()]);
  const names = translation?.NAMES.split("\n") ?? [];
  /** @type {Emoji[]} */
  const all = [];
  let group = "";
  for (const line of LIST.split("\n")) {
    const [symbol, ...english] = line.split(" ");
    if (symbol.startsWith("=")) group = symbol.slice(1);
    else if (group === "regions") all.push(...[symbol, ...english].map((code) => flag(code, language)));
    else all.push({ symbol, group, names: [...(names[all.length] ? [names[all.length]] : []), ...english] });
  }
  return all;
}

/** @type {(code: string, language: string) => Emoji} */
function flag(code, language) {
  const symbol = String.fromCodePoint(...Array.from(code, (letter) => 0x1f1e6 + letter.charCodeAt(0) - 65));
  const languages = [...new Set([language, "en"])];
  const names = languages.map((one) => new Intl.DisplayNames([one], { type: "region" }).of(code) ?? code);
  return { symbol, group: "flags", names: [...names.map(folded), `flag_${code.toLowerCase()}`] };
}
