import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { isEmojiAlone } from "../../chat/static/chat/js/emoji-alone.js";
import { parse, plain } from "../../chat/static/chat/js/markup.js";

const protocol = readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8");
const CASES = (/````markup\n(.*?)\n````/s.exec(protocol)?.[1] ?? "").split("\n").map((line) => line.split(" → "));

const TAGS = { bold: "b", italic: "i", strike: "s", code: "code", quote: "quote" };

/** The tree as docs/PROTOCOL.md writes it. */
function shown(nodes) {
  return nodes.map(one).join("").replaceAll("\n", "⏎");
}

function one(node) {
  if (typeof node === "string") return node;
  if (node.kind === "link") return `<a ${node.href}>${node.text}${node.host ? ` (${node.host})` : ""}</a>`;
  if (node.kind === "block") return `<pre${node.language && ` ${node.language}`}>${node.text}</pre>`;
  if (node.kind === "list") {
    const items = node.items.map(({ number, nodes }) => `<li${number ? ` ${number}` : ""}>${shown(nodes)}</li>`);
    return `<ul>${items.join("")}</ul>`;
  }
  return `<${TAGS[node.kind]}>${node.text ?? shown(node.nodes)}</${TAGS[node.kind]}>`;
}

/** All that is to be read in it. */
function words(nodes) {
  const within = (node) => node.text ?? words(node.nodes ?? node.items.flatMap((item) => item.nodes));
  return nodes.map((node) => (typeof node === "string" ? node : within(node))).join("");
}

test("the protocol has cases", () => assert.ok(CASES.length > 30));

for (const [written, expected] of CASES) {
  test(`as the protocol has it: ${written}`, () => {
    assert.equal(shown(parse(written.replaceAll("⏎", "\n"))), expected);
  });
}

test("a text without markup is itself", () => {
  assert.deepEqual(parse("hello, world: a/b"), ["hello, world: a/b"]);
  assert.deepEqual(parse("a\n\nb *"), ["a\n\nb *"]);
  assert.deepEqual(parse(""), []);
});

/** Whatever is written of these, again and again and in any order: by a generator that always says the same. */
const PIECES = [
  ..."*_~`[]()a1 \n@:!.,\\\u2067\u2069🎉я\r\t\ud83c",
  ..."** ~~ ``` >\u0020 -\u0020 1.\u0020 https://a.b www.a.b https://a@b ](https://a.b) >> \n\u0020\u0020".split(" "),
];

function* texts(count) {
  let seed = 7;
  const below = (limit) => (seed = (seed * 48_271) % 2_147_483_647) % limit;
  for (let index = 0; index < count; index++) {
    yield Array.from({ length: 1 + below(24) }, () => PIECES[below(PIECES.length)].replaceAll("\u0020", " ")).join("");
  }
}

test("whatever is written, no letter is lost or added, and all keep their order", () => {
  for (const text of texts(2000)) {
    // Numbers of items are markers, and the words of a link stand in place of its address.
    const kept = (from) => from.replace(/\]\([^)]*\)|^\d+\. |[^\p{L}🎉@!,\\]/gmu, "");
    if (/\]\(/.test(text)) assert.doesNotThrow(() => parse(text));
    else assert.equal(kept(words(parse(text))), kept(text), JSON.stringify(text));
  }
});

test("a long text takes a time in proportion to its length, whatever is in it", () => {
  const hostile = ["*a ", "*!*", "a* ", "*a _b ~~c ", "`a", "``a` ", "[a](", "[a](https://a.b", "https://a.b)", "www.a", "> "];
  const lines = ["- a\n", "- a\n  - b\n    - c\n", "```\n", "```a b\n", "> \n", "\nwww.a.b🎉", "> > > - a\n"];
  for (const piece of [...hostile, ...lines]) {
    const text = piece.repeat(50_000 / piece.length);
    const start = performance.now();
    parse(text);
    // What grows with the square would take far longer.
    assert.ok(performance.now() - start < 2000, piece);
  }
});

test("styles do not stand in each other deeper than a page can show", () => {
  const depth = (node) => (node.nodes ? 1 + Math.max(0, ...node.nodes.map(depth)) : 0);
  const text = `${"*a ".repeat(500)}b${" c*".repeat(500)}`;
  assert.ok(Math.max(...parse(text).map(depth)) <= 8);
});

test("nothing that turns the direction of reading gets into a link", () => {
  for (const turn of "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c") {
    const links = parse(`${turn}https://example.org/${turn}gpj.exe [a${turn}b](https://example.org)`).filter(({ href }) => href);
    assert.deepEqual(links.map(({ text }) => text), ["https://example.org/", "https://example.org"]);
  }
});

test("one to three emoji alone are large", () => {
  for (const text of ["👍", "❤️", "👍🏽 🎉", " 👨‍👩‍👧‍👦 ", "🇷🇺🇫🇷", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "😀😀😀", "🏳️‍🌈", "🙋🏿‍♀️"]) assert.ok(isEmojiAlone(text), text);
  for (const text of ["", " ", "1", "*", "👍 a", "😀😀😀😀", "12", "©", "a👍", "👍".repeat(2000)]) assert.ok(!isEmojiAlone(text), text);
});

test("an excerpt has the words without the markers", () => {
  const text = "Lovely, **the *more* the** `merrier`\n> said\n- one\n- [two](https://example.org/a)\nhttps://example.org/b_c_d";
  assert.equal(plain(text), "Lovely, the more the merrier\nsaid\n\none\ntwo\nhttps://example.org/b_c_d");
});
