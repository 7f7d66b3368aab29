import assert from "node:assert/strict";
import { test } from "node:test";

import { linkify } from "../../chat/static/chat/js/linkify.js";

const links = (text) =>
  linkify(text)
    .filter(({ href }) => href)
    .map((piece) => piece.text);

test("a text without addresses is one piece", () => {
  assert.deepEqual(linkify("hello, world: a/b"), [{ text: "hello, world: a/b" }]);
  assert.deepEqual(linkify(""), []);
});

test("an address is found, with what stands around it", () => {
  assert.deepEqual(linkify("see https://example.org/a?b=1#c now"), [
    { text: "see " },
    { text: "https://example.org/a?b=1#c", href: "https://example.org/a?b=1#c" },
    { text: " now" },
  ]);
});

test("punctuation belongs to the sentence, a bracket to whoever opened it", () => {
  assert.deepEqual(links("(https://example.org/a), https://example.org/b. https://example.org/c?!"), [
    "https://example.org/a",
    "https://example.org/b",
    "https://example.org/c",
  ]);
  assert.deepEqual(links("https://example.org/C_(letter) (https://example.org/D_(letter))"), [
    "https://example.org/C_(letter)",
    "https://example.org/D_(letter)",
  ]);
  assert.deepEqual(links("«https://пример.рф/дом»"), ["https://пример.рф/дом"]);
});

test("only http and https are opened", () => {
  for (const text of [
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "www.example.org",
    "https://",
  ]) {
    assert.deepEqual(links(text), [], text);
  }
});

test("an address that hides where it leads is only text", () => {
  assert.deepEqual(links("https://bank.example@elsewhere.example/ https://a:b@elsewhere.example"), []);
  assert.deepEqual(links("https://example.org/\u202egpj.exe"), ["https://example.org/"]);
});

test("an address in letters that look like others shows where it leads", () => {
  const host = (text) => linkify(text)[0].host;

  assert.equal(host("https://раураl.com/login"), "xn--l-7sba6dbr.com");
  assert.equal(host("https://аррӏе.com"), "xn--80ak6aa92e.com");
  assert.equal(host("https://ɡoogle.com:8443?x"), "xn--oogle-qmc.com");
  assert.equal(host("http://2130706433/"), "127.0.0.1");
  assert.equal(host("https://%65xample.org/"), "example.org");
  assert.equal(host("https://ｅxample.org/"), "example.org");
});

test("an address that says where it leads needs no second word", () => {
  for (const text of [
    "https://кириллица.рф/дом",
    "https://КИРИЛЛИЦА.РФ:8443/",
    "HTTPS://Example.ORG:443/раураl.com",
    "http://[::1]:8000/",
    "http://127.0.0.1",
    "https://xn--80apjgcau4g.xn--p1ai",
  ]) {
    assert.equal(linkify(text)[0].host, undefined, text);
    assert.ok(linkify(text)[0].href, text);
  }
});

test("no letter is lost or added, whatever the text", () => {
  const texts = [
    "https://a.b)))) https://",
    "x https://a.b/(((]]] y",
    "https://a.b\nhttps://c.d",
    "https://[::1]/ .",
    "<https://a.b>",
  ];

  for (const text of texts) {
    const whole = linkify(text)
      .map((piece) => piece.text)
      .join("");
    assert.equal(whole, text);
  }
});

test("thousands of brackets take no time", () => {
  const start = performance.now();

  linkify(`https://example.org/${")".repeat(100_000)}`);

  assert.ok(performance.now() - start < 1000);
});
