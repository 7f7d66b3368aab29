import assert from "node:assert/strict";
import { test } from "node:test";

import { parse } from "../../chat/static/chat/js/markup.js";

const links = (text) =>
  parse(text)
    .filter(({ href }) => href)
    .map((piece) => piece.text);

test("an address is found, with what stands around it", () => {
  assert.deepEqual(parse("see https://example.org/a?b=1#c now"), [
    "see ",
    { kind: "link", text: "https://example.org/a?b=1#c", href: "https://example.org/a?b=1#c" },
    " now",
  ]);
});

test("an address without a scheme is one that begins with www.", () => {
  const hrefs = (text) => parse(text).flatMap(({ href }) => href ?? []);

  assert.deepEqual(hrefs("www.example.org/a, (WWW.Example.org)"), ["https://www.example.org/a", "https://www.example.org/"]);
  assert.deepEqual(hrefs("www.x www. www.. www..x www.x. swww.a.b я.www.a.b a@www.a.b /www.a.b -www.a.b"), []);
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
  const host = (text) => parse(text)[0].host;

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
    assert.equal(parse(text)[0].host, undefined, text);
    assert.ok(parse(text)[0].href, text);
  }
});

test("thousands of brackets take no time", () => {
  const start = performance.now();

  parse(`https://example.org/${")".repeat(100_000)}`);

  assert.ok(performance.now() - start < 1000);
});
