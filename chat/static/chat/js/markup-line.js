/** The markup within a line: styles, code and links, as docs/PROTOCOL.md has them under *Markup*. */

import { ADDRESS, address } from "./addresses.js";

/** @typedef {"bold" | "italic" | "strike"} Style */
/**
 * A link whose text does not show where it leads has the `host` to be shown beside it.
 * @typedef {string | { kind: Style, nodes: Inline[] } | { kind: "code", text: string } | Link} Inline
 */
/** @typedef {{ kind: "link", text: string, href: string, host?: string }} Link */
/** What begins at a place in a line, and how long it is there. @typedef {{ node: Inline, length: number } | null} Found */

/** How many styles may be open: so deep they stand in each other. Of more, the earliest stay as written. */
const OPEN = 8;
/** @type {Partial<Record<string, Style>>} */
const STYLES = { "*": "bold", "**": "bold", _: "italic", "~~": "strike" };
const TOKEN = new RegExp(`(\`+)|(${ADDRESS})|(\\*+|_+|~+)|\\[`, "giu");
const LABEL = /\[([^[\]\p{Cc}\p{Bidi_Control}]+)\]\(/uy;
const TARGET = new RegExp(ADDRESS, "iuy");
const LIKE_ADDRESS = /:\/\/|www\./i;
const READABLE = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;
/** What may stand before a style and first in it, and behind one: it is around words, not in them. */
const BEFORE = /(?:^|[\s\p{Ps}\p{Pi}"'–—*_~])$/u;
const INSIDE = /^[^\s.,;:!?/\\)\]}]/;
const BEHIND = /^(?:$|[^\p{L}\p{M}\p{N}])/u;

/** The line as a tree. Texts may stand beside each other. @type {(line: string) => Inline[]} */
export function styled(line) {
  const parts = new Parts(line);
  const ticks = runs(line);
  let end = 0;
  TOKEN.lastIndex = 0;
  for (let token = TOKEN.exec(line); token; token = TOKEN.exec(line)) {
    const [match, tick, link, marker] = token;
    const at = token.index;
    parts.add(line.slice(end, at));
    end = at + match.length;
    if (marker) {
      parts.mark(marker, at);
    } else {
      const found = tick ? codeAt(line, at, tick, ticks) : link ? linkOf(match) : labelledAt(line, at);
      parts.add(found?.node ?? match);
      if (found) end = at + found.length;
    }
    TOKEN.lastIndex = end;
  }
  parts.add(line.slice(end));
  return parts.nodes;
}

/** What a line has been found to be made of so far, with the styles that may still come to their end. */
class Parts {
  /** @type {Inline[]} */
  nodes = [];
  #line;
  /** The markers, each with its place among the nodes. @type {{ marker: string, place: number }[]} */
  #open = [];
  /** The place of the last node in which there is something to read. */
  #readable = -1;

  /** @param {string} line */
  constructor(line) {
    this.#line = line;
  }

  /** @type {(node: Inline) => void} */
  add(node) {
    if (node === "") return;
    if (typeof node !== "string" || READABLE.test(node)) this.#readable = this.nodes.length;
    this.nodes.push(node);
  }

  /** A marker ends a style, or may begin one, or is text. @type {(marker: string, at: number) => void} */
  mark(marker, at) {
    const style = STYLES[marker];
    const end = at + marker.length;
    const [before, behind] = [this.#line.slice(Math.max(0, at - 2), at), this.#line.slice(end, end + 2)];
    if (style && /\S$/.test(before) && BEHIND.test(behind) && this.#close(marker, style)) return;
    if (style && INSIDE.test(behind) && BEFORE.test(before)) {
      this.#open.push({ marker, place: this.nodes.length });
      if (this.#open.length > OPEN) this.#open.shift();
    }
    this.nodes.push(marker);
  }

  /** @type {(marker: string, style: Style) => boolean} */
  #close(marker, style) {
    const index = this.#open.findLastIndex((open) => open.marker === marker && open.place < this.#readable);
    if (index < 0) return false;
    const { place } = this.#open[index];
    const [, ...nodes] = this.nodes.splice(place);
    this.nodes.push({ kind: style, nodes: joined(nodes) });
    this.#open.length = index;
    this.#readable = place;
    return true;
  }
}

/**
 * Texts that stand beside each other as one.
 * @template {object} Kind
 * @param {(string | Kind)[]} nodes
 */
export function joined(nodes) {
  /** @type {(string | Kind)[]} */
  const found = [];
  for (const node of nodes) {
    const last = found.at(-1);
    if (typeof node === "string" && typeof last === "string") found[found.length - 1] = last + node;
    else found.push(node);
  }
  return found;
}

/**
 * Where runs of backticks begin, by their length, the first one last.
 * @type {(line: string) => Map<number, number[]>}
 */
function runs(line) {
  if (!line.includes("`")) return new Map();
  const found = Map.groupBy(line.matchAll(/`+/g), ([run]) => run.length);
  return new Map(Array.from(found, ([length, those]) => [length, those.map(({ index }) => index).toReversed()]));
}

/**
 * Code goes on to the next run of as many backticks.
 * @type {(line: string, at: number, tick: string, ticks: Map<number, number[]>) => Found}
 */
function codeAt(line, at, tick, ticks) {
  const places = ticks.get(tick.length) ?? [];
  while (places.length > 0 && places[places.length - 1] <= at) places.pop();
  const end = places.at(-1);
  if (end === undefined) return null;
  return { node: { kind: "code", text: line.slice(at + tick.length, end) }, length: end + tick.length - at };
}

/** @type {(match: string) => Found} */
function linkOf(match) {
  const found = address(match);
  if (!found) return null;
  const { text, href, host, isPlain } = found;
  return { node: { kind: "link", text, href, ...(isPlain ? {} : { host }) }, length: text.length };
}

/** `[words](address)`, whose words pass for no address themselves. @type {(line: string, at: number) => Found} */
function labelledAt(line, at) {
  LABEL.lastIndex = at;
  const label = LABEL.exec(line);
  if (!label || LIKE_ADDRESS.test(label[1]) || !READABLE.test(label[1])) return null;
  TARGET.lastIndex = LABEL.lastIndex;
  const target = TARGET.exec(line);
  const found = target && address(target[0]);
  const end = found ? LABEL.lastIndex + found.text.length : 0;
  if (!found || line[end] !== ")") return null;
  const { href, host } = found;
  return { node: { kind: "link", text: label[1], href, host }, length: end + 1 - at };
}
