import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { fetchHistory } from "../../chat/static/chat/js/history.js";
import { said } from "./cast.mjs";

let answers;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(globalThis, "fetch", async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  });
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

test("the history comes, however many tries it takes", async () => {
  const messages = [said("Bob", 1)];
  answers = [
    new TypeError("no network"),
    new Response("", { status: 503 }),
    new Response("<html>"),
    Response.json(messages),
  ];

  const coming = fetchHistory("/history/", new AbortController().signal);
  while (answers.length > 0) {
    await new Promise((resolve) => setImmediate(resolve));
    mock.timers.tick(30_000);
  }

  assert.deepEqual(await coming, messages);
});

test("nobody goes on asking when nobody waits", async () => {
  const leaving = new AbortController();
  leaving.abort();

  assert.deepEqual(await fetchHistory("/history/", leaving.signal), []);
  assert.equal(fetch.mock.callCount(), 0);
});
