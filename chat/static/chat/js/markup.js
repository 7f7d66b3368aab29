/**
 * The markup of messages, as docs/PROTOCOL.md has it under *Markup*, made into a tree. Whatever the text, that takes a
 * time in proportion to its length, never fails, and drops nothing but markers and the line breaks around blocks.
 */

import { joined, styled } from "./markup-line.js";

/** @import { Inline } from "./markup-line.js" */

/**
 * A text stands for itself, its line breaks included. An item of a list has its number, as written, where it has one.
 * @typedef {Inline | { kind: "block", text: string, language: string } | { kind: "quote", nodes: Node[] } | List} Node
 */
/** @typedef {{ kind: "list", items: { number?: number, nodes: Node[] }[] }} List */
/** A block, and the line behind it; null where none begins. @typedef {{ node: Node, end: number } | null} Found */

/** How deep quotations and lists stand in each other; what is deeper stays as written. */
const DEEPEST = 3;
/** A text without any of these is its own tree. */
const SIGNS = /[*_~`[]|^(?:> |- |\d+\. )|:\/\/|www\./im;
const FENCE = "```";
const OPENING = /^```([^`]*)$/;
const LANGUAGE = /^[\w+#.-]{1,20}$/;
const QUOTED = /^>(?: |$)/;
const ITEM = /^(?:-|(\d{1,3})\.) (?=\S)/;
const INDENTED = /^ {2,}(?=\S)/;

/** @type {(text: string) => Node[]} */
export function parse(text) {
  if (!SIGNS.test(text)) return text ? [text] : [];
  return blocks(text.split("\n"), 0);
}

/** What was written, without its markers: for where it stands as plain text. @type {(text: string) => string} */
export function plain(text) {
  return words(parse(text)).trim();
}

/** @type {(nodes: Node[]) => string} */
function words(nodes) {
  return nodes
    .map((node) => {
      if (typeof node === "string") return node;
      if (node.kind === "list") return `\n${node.items.map(({ nodes }) => words(nodes)).join("\n")}\n`;
      if (node.kind === "quote") return `\n${words(node.nodes)}\n`;
      return "text" in node ? node.text : words(node.nodes);
    })
    .join("");
}

/** @type {(lines: string[], depth: number) => Node[]} */
function blocks(lines, depth) {
  /** @type {Node[]} */
  const nodes = [];
  const fences = fencesIn(lines);
  let isInText = false;
  for (let at = 0; at < lines.length; ) {
    const found = blockAt(lines, at, depth, fences);
    if (isInText && !found) nodes.push("\n");
    // One by one: a call takes only so many arguments.
    for (const node of found ? [found.node] : styled(lines[at])) nodes.push(node);
    isInText = !found;
    at = found ? found.end : at + 1;
  }
  return joined(nodes);
}

/** @type {(lines: string[], at: number, depth: number, fences: number[]) => Found} */
function blockAt(lines, at, depth, fences) {
  const code = codeAt(lines, at, fences[at + 1] ?? lines.length);
  if (code || depth === DEEPEST) return code;
  return quoteAt(lines, at, depth) ?? listAt(lines, at, depth);
}

/** For each line the first from there on that ends a block of code. @type {(lines: string[]) => number[]} */
function fencesIn(lines) {
  const fences = Array(lines.length);
  let next = lines.length;
  for (let at = lines.length - 1; at >= 0; at--) {
    if (lines[at].trimEnd().endsWith(FENCE)) next = at;
    fences[at] = next;
  }
  return fences;
}

/**
 * A block of code up to the line `end`: what is behind the opening fence, and no language, belongs to it.
 * @type {(lines: string[], at: number, end: number) => Found}
 */
function codeAt(lines, at, end) {
  const info = OPENING.exec(lines[at])?.[1].trim();
  if (info === undefined || end === lines.length) return null;
  const language = LANGUAGE.test(info) ? info : "";
  const last = lines[end].trimEnd().slice(0, -FENCE.length);
  const code = [...(info === language ? [] : [info]), ...lines.slice(at + 1, end), ...(last ? [last] : [])];
  return code.length > 0 ? { node: { kind: "block", text: code.join("\n"), language }, end: end + 1 } : null;
}

/** @type {(lines: string[], at: number, depth: number) => Found} */
function quoteAt(lines, at, depth) {
  if (!lines[at].startsWith("> ")) return null;
  let end = at + 1;
  while (end < lines.length && QUOTED.test(lines[end])) end++;
  const inner = lines.slice(at, end).map((line) => line.slice(2));
  return { node: { kind: "quote", nodes: blocks(inner, depth + 1) }, end };
}

/**
 * Two items make a list; the indented lines below an item belong to it.
 * @type {(lines: string[], at: number, depth: number) => Found}
 */
function listAt(lines, at, depth) {
  const first = ITEM.exec(lines[at]);
  if (!first) return null;
  /** @type {{ number?: number, lines: string[] }[]} */
  const items = [];
  let end = at;
  for (; end < lines.length; end++) {
    const [indent] = INDENTED.exec(lines[end]) ?? [""];
    const item = ITEM.exec(lines[end]);
    if (indent) items.at(-1)?.lines.push(lines[end].slice(Math.min(indent.length, first[0].length)));
    else if (!item || Boolean(item[1]) !== Boolean(first[1])) break;
    else items.push({ ...(item[1] && { number: Number(item[1]) }), lines: [lines[end].slice(item[0].length)] });
  }
  if (items.length < 2) return null;
  const parsed = items.map(({ lines: own, ...item }) => ({ ...item, nodes: blocks(own, depth + 1) }));
  return { node: { kind: "list", items: parsed }, end };
}
