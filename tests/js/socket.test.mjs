import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Socket } from "../../chat/static/chat/js/socket.js";

/** A WebSocket with the server's hand on it. */
class Wire {
  static all = [];
  readyState = 0;
  sent = [];

  constructor(address) {
    this.address = address;
    Wire.all.push(this);
  }

  send(text) {
    this.sent.push(text);
  }

  close(code) {
    this.readyState = 2;
    this.closedWith = code;
  }

  serverSays(data) {
    this.readyState = 1;
    this.onmessage?.({ data });
  }

  serverCloses(code) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

let socket;
let told;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  Wire.all = [];
  told = [];
  socket = new Socket(() => "ws://chat.example/ws/alice/", Wire);
  for (const type of ["connecting", "frame", "waiting", "stopped"]) {
    socket.addEventListener(type, () => told.push(type));
  }
});

afterEach(() => mock.timers.reset());

const latest = () => Wire.all.at(-1);

test("Alice connects, and hears what the server says", () => {
  socket.open();
  latest().serverSays("{}");

  assert.equal(latest().address, "ws://chat.example/ws/alice/");
  assert.deepEqual(told, ["connecting", "frame"]);
});

test("nothing is sent where there is no connection, and the sender knows", () => {
  assert.equal(socket.send("hi"), false);
  socket.open();
  assert.equal(socket.send("hi"), false);

  latest().serverSays("{}");
  assert.equal(socket.send("hi"), true);
  assert.deepEqual(latest().sent, ["hi"]);
});

test("a lost connection comes back by itself, whatever the server's word for the loss", () => {
  socket.open();
  for (const code of [1000, 1001, 1006, 1011, 4010, 4011, 4012, 4015]) {
    latest().serverSays("{}");
    told.length = 0;
    latest().serverCloses(code);
    mock.timers.tick(30_000);

    assert.deepEqual(told, ["waiting", "connecting"], `${code}`);
  }
});

test("where the server says why, it is for Alice to come back", () => {
  for (const code of [4501, 4502, 4503, 4504, 4505, 4506, 4507, 4508]) {
    socket.open();
    latest().serverCloses(code);
    mock.timers.tick(120_000);
    socket.hurry();

    assert.equal(told.at(-1), "stopped", `${code}`);
  }
});

test("a wait can be cut short, and then there is one connection, not two", () => {
  socket.open();
  latest().serverCloses(1006);
  socket.hurry();
  socket.hurry();
  mock.timers.tick(10_000);

  assert.equal(Wire.all.length, 2);
});

test("the waits grow, until a connection has held for a while", () => {
  mock.method(Math, "random", () => 0.999);
  const waits = [];
  socket.addEventListener("waiting", ({ detail }) => waits.push(Math.round((detail - Date.now()) / 1000)));

  socket.open();
  for (const seconds of [0, 1, 1, 31, 1]) {
    latest().serverSays("{}");
    mock.timers.tick(seconds * 1000);
    latest().serverCloses(1006);
    socket.hurry();
  }

  assert.deepEqual(waits, [2, 4, 8, 2, 4]);
});

test("a server that accepts and says nothing counts as none", () => {
  socket.open();
  mock.timers.tick(15_000);

  assert.equal(told.at(-1), "waiting");
  mock.timers.tick(30_000);
  assert.equal(Wire.all.length > 1, true);
});

test("a connection that is replaced is closed, and no longer heard", () => {
  socket.open();
  const former = latest();
  former.serverSays("{}");

  socket.open();
  assert.equal(former.closedWith, 1000);
  assert.equal(Wire.all.length, 2);

  former.serverCloses(1000);
  former.serverSays("late");
  mock.timers.tick(10_000);
  assert.equal(Wire.all.length, 2);
  assert.deepEqual(told, ["connecting", "frame", "connecting"]);
});

test("after some silence the server is asked whether it is there, and any word of it will do", () => {
  socket.open();
  latest().serverSays("{}");
  mock.timers.tick(19_000);
  latest().serverSays("{}");
  mock.timers.tick(19_000);
  assert.deepEqual(latest().sent, []);

  mock.timers.tick(1000);
  assert.deepEqual(latest().sent.map(JSON.parse), [{ type: "ping", n: 1 }]);
  mock.timers.tick(9000);
  latest().serverSays('{"type":"pong","n":1}');
  mock.timers.tick(15_000);

  assert.equal(Wire.all.length, 1);
  assert.equal(told.includes("waiting"), false);
});

test("a line that is cut without a word is noticed, and replaced", () => {
  socket.open();
  latest().serverSays("{}");
  mock.timers.tick(20_000);
  mock.timers.tick(10_000);
  assert.equal(told.at(-1), "waiting");

  mock.timers.tick(30_000);
  assert.equal(Wire.all.length > 1, true);
});

test("whoever comes back to the page finds out at once whether the line still holds", () => {
  socket.open();
  latest().serverSays("{}");

  socket.hurry();
  assert.equal(latest().sent.length, 1);
  mock.timers.tick(10_000);

  assert.equal(told.at(-1), "waiting");
});

test("the time that the server asks for is given, whoever is in a hurry", () => {
  socket.open();
  latest().serverSays("{}");
  socket.heed({ code: 4010, retry_after: 60 });
  latest().serverCloses(1006);

  mock.timers.tick(59_000);
  socket.hurry();
  assert.equal(Wire.all.length, 1);
  mock.timers.tick(31_000);
  assert.equal(Wire.all.length, 2);
});

test("a server that restarts says when it is back, and then Alice is, too", () => {
  socket.open();
  latest().serverSays("{}");
  socket.heed({ code: 4010, retry_after: 7.5 });
  latest().serverCloses(4010);
  assert.equal(told.at(-1), "waiting");

  mock.timers.tick(7500);
  assert.equal(Wire.all.length, 1);
  mock.timers.tick(2000);
  assert.equal(Wire.all.length, 2);
});

test("who is turned away before the server has asked for a name is not back until asked", () => {
  socket.open();
  latest().serverSays('{"type":"notification","color":"danger","code":"too_many_connections"}');
  latest().serverCloses(4504);
  mock.timers.tick(120_000);
  assert.deepEqual(told, ["connecting", "frame", "stopped"]);

  socket.open();
  assert.equal(Wire.all.length, 2);
});

test("what the server said of the close counts, whatever the line makes of it, and only for this one", () => {
  socket.open();
  latest().serverSays("{}");
  socket.heed({ code: 4503 });
  latest().serverCloses(1006);
  assert.equal(told.at(-1), "stopped");

  socket.open();
  latest().serverCloses(1006);
  assert.equal(told.at(-1), "waiting");
});

test("a connection that is of no use is dropped for the next one", () => {
  socket.open();
  latest().serverSays("{}");
  socket.drop();

  assert.equal(told.at(-1), "waiting");
  mock.timers.tick(30_000);
  assert.equal(Wire.all.length, 2);
  socket.open();
  socket.drop();
  socket.drop();
  assert.equal(told.filter((type) => type === "waiting").length, 2);
});
