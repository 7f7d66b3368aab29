/** What people have written, as nodes: text and nothing but text, whatever stands in it. */

import { isEmojiAlone } from "../emoji-alone.js";
import { parse } from "../markup.js";
import { part } from "./part.js";
import { copy } from "./template.js";

/** @import { Link } from "../markup-line.js" */
/** @import { Node as Piece } from "../markup.js" */

const TAGS = { bold: "strong", italic: "em", strike: "s", quote: "blockquote" };

/**
 * Show in this element what was written, with its markup; a few emoji alone are marked as such.
 * @type {(element: HTMLElement, text: string) => void}
 */
export function showText(element, text) {
  const isAlone = isEmojiAlone(text);
  element.toggleAttribute("data-emoji-alone", isAlone);
  element.replaceChildren(...(isAlone ? large(text) : painted(parse(text))));
}

/** A space of a font for emoji would be as wide as one of them. @type {(text: string) => (Node | string)[]} */
function large(text) {
  return text.split(/(\s+)/).map((word, index) => (index % 2 ? word : filled("span", [word])));
}

/** @type {(pieces: Piece[]) => (Node | string)[]} */
function painted(pieces) {
  return pieces.map((piece) => {
    if (typeof piece === "string") return piece;
    switch (piece.kind) {
      case "code":
        return filled("code", [piece.text]);
      case "link":
        return link(piece);
      case "block":
        return block(piece.text, piece.language);
      case "list":
        return filled(piece.items[0].number === undefined ? "ul" : "ol", piece.items.map(item));
      default:
        return filled(TAGS[piece.kind], painted(piece.nodes));
    }
  });
}

/** @type {(tag: string, nodes: (Node | string)[]) => HTMLElement} */
function filled(tag, nodes) {
  const element = document.createElement(tag);
  element.append(...nodes);
  return element;
}

/** @type {(item: { number?: number, nodes: Piece[] }) => HTMLElement} */
function item({ number, nodes }) {
  const element = filled("li", painted(nodes));
  if (number !== undefined) element.setAttribute("value", String(number));
  return element;
}

/** @type {(link: Link) => HTMLElement} */
function link({ text, href, host }) {
  const element = copy("link-template", HTMLAnchorElement);
  element.href = href;
  element.textContent = text;
  if (!host) return element;
  const where = copy("host-template", HTMLElement);
  where.textContent = `(${host})`;
  element.append(" ", where);
  return element;
}

/** What makes its button work comes with the first one. @type {(text: string, language: string) => HTMLElement} */
function block(text, language) {
  const element = copy("code-template", HTMLElement);
  part(element, "code", HTMLElement).textContent = text;
  part(element, "[data-language]", HTMLElement).textContent = language;
  import("./code-block.js").catch(() => {});
  return element;
}
