/** Parts of the page that come later: HTML of the site's own, whose pieces say where they belong. */

import { part, parts } from "./part.js";

/** What stands at an address of the site. @type {(address: string) => Promise<string>} */
export async function fetched(address) {
  const answer = await fetch(address, { redirect: "error" });
  if (!answer.ok) throw new Error(`It is not there: ${answer.status}.`);
  return answer.text();
}

/**
 * Put each piece of `html` after, or before, what it names; one that names nothing to the end of the page. To be waited
 * for until the style sheets that come with them are there, or are known not to come.
 * @type {(html: string) => Promise<unknown>}
 */
export function insert(html) {
  const { head, body } = new DOMParser().parseFromString(html, "text/html");
  const sheets = parts(head, "link");
  document.head.append(...head.children);
  for (const piece of parts(body, ":scope > *")) {
    const { after, before } = piece.dataset;
    if (after) part(document, after, HTMLElement).after(piece);
    else if (before) part(document, before, HTMLElement).before(piece);
    else document.body.append(piece);
  }
  return Promise.all(sheets.map((sheet) => new Promise((done) => (sheet.onload = sheet.onerror = done))));
}
