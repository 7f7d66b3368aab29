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
/** What no clock on the wall has to do with. */
let now;

function tick(milliseconds) {
  for (const end = now + milliseconds; now < end; ) {
    now += 500;
    mock.timers.tick(500);
  }
}

/** As much time as the next connection takes, which is not for ever. */
function untilNext() {
  const { length } = Wire.all;
  for (let seconds = 0; seconds < 30 && Wire.all.length === length; seconds++) tick(1000);
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  now = 0;
  Wire.all = [];
  told = [];
  socket = new Socket(() => "ws://chat.example/ws/alice/", Wire, () => now);
  for (const type of ["connecting", "frame", "doubtful", "trusted", "waiting", "stopped"]) {
    socket.addEventListener(type, () => told.push(type));
  }
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

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
    untilNext();

    assert.deepEqual(told, ["waiting", "connecting"], `${code}`);
  }
});

test("where the server says why, it is for Alice to come back", () => {
  for (const code of [4503, 4504]) {
    socket.open();
    latest().serverCloses(code);
    tick(120_000);
    socket.hurry();

    assert.equal(told.at(-1), "stopped", `${code}`);
  }
});

test("a wait can be cut short, and then there is one connection, not two", () => {
  socket.open();
  latest().serverCloses(1006);
  socket.hurry();
  socket.hurry();
  tick(10_000);

  assert.equal(Wire.all.length, 2);
});

test("the waits grow, until a connection has held for a while", () => {
  mock.method(Math, "random", () => 0.999);
  const waits = [];
  socket.addEventListener("waiting", ({ detail }) => waits.push(Math.round((detail - now) / 1000)));

  socket.open();
  for (const seconds of [0, 1, 1, 31, 1]) {
    latest().serverSays("{}");
    tick(seconds * 1000);
    latest().serverCloses(1006);
    socket.hurry();
  }

  assert.deepEqual(waits, [2, 4, 8, 2, 4]);
});

test("a server that accepts and says nothing counts as none", () => {
  socket.open();
  tick(15_000);

  assert.equal(told.at(-1), "waiting");
  tick(30_000);
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
  tick(10_000);
  assert.equal(Wire.all.length, 2);
  assert.deepEqual(told, ["connecting", "frame", "connecting"]);
});

test("after some silence the server is asked whether it is there, and any word of it will do", () => {
  socket.open();
  latest().serverSays("{}");
  tick(19_000);
  latest().serverSays("{}");
  tick(19_000);
  assert.deepEqual(latest().sent, []);

  tick(1000);
  assert.deepEqual(latest().sent.map(JSON.parse), [{ type: "ping", n: 1 }]);
  tick(9000);
  latest().serverSays('{"type":"pong","n":1}');
  tick(15_000);

  assert.equal(Wire.all.length, 1);
  assert.equal(told.includes("waiting"), false);
});

test("a line that is cut without a word is noticed, and replaced", () => {
  socket.open();
  latest().serverSays("{}");
  tick(20_000);
  tick(10_000);
  assert.equal(told.at(-1), "waiting");

  tick(30_000);
  assert.equal(Wire.all.length > 1, true);
});

test("whoever comes back to the page finds out at once whether the line still holds", () => {
  socket.open();
  latest().serverSays("{}");

  socket.hurry();
  assert.equal(latest().sent.length, 1);
  tick(10_000);

  assert.equal(told.at(-1), "waiting");
});

test("the time that the server asks for is given, whoever is in a hurry", () => {
  socket.open();
  latest().serverSays("{}");
  socket.heed({ code: 4010, retry_after: 60 });
  latest().serverCloses(1006);

  tick(59_000);
  socket.hurry();
  assert.equal(Wire.all.length, 1);
  tick(3000);
  assert.equal(Wire.all.length, 2);
});

test("a server that restarts says when it is back, and then Alice is, too", () => {
  socket.open();
  latest().serverSays("{}");
  socket.heed({ code: 4010, retry_after: 7.5 });
  latest().serverCloses(4010);
  assert.equal(told.at(-1), "waiting");

  tick(7500);
  assert.equal(Wire.all.length, 1);
  tick(2000);
  assert.equal(Wire.all.length, 2);
});

test("who is turned away before the server has asked for a name is not back until asked", () => {
  socket.open();
  latest().serverSays('{"type":"notification","color":"danger","code":"too_many_connections"}');
  latest().serverCloses(4504);
  tick(120_000);
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
  tick(2000);
  assert.equal(Wire.all.length, 2);
  socket.open();
  socket.drop();
  socket.drop();
  assert.equal(told.filter((type) => type === "waiting").length, 2);
});

test("a clock that is set back stops nothing", () => {
  socket.open();
  latest().serverSays("{}");
  socket.heed({ code: 4010, retry_after: 5 });
  latest().serverCloses(4010);
  mock.method(Date, "now", () => -3_600_000);

  tick(5000);
  socket.hurry();
  assert.equal(Wire.all.length, 2);
});

test("where the network is said to be gone nothing is certain until the server speaks", () => {
  socket.doubt();
  socket.open();
  socket.doubt();
  assert.deepEqual(told, ["connecting"]);
  latest().serverSays("{}");

  socket.doubt();
  assert.equal(told.at(-1), "doubtful");
  assert.deepEqual(latest().sent.map(JSON.parse), [{ type: "ping", n: 1 }]);
  latest().serverSays('{"type":"pong","n":1}');
  assert.deepEqual(told.slice(-2), ["trusted", "frame"]);
  latest().serverSays("{}");
  assert.equal(told.at(-2), "frame");

  socket.doubt();
  tick(10_000);
  assert.equal(told.at(-1), "waiting");
});

test("who asks again and again gives a dead line no more time", () => {
  socket.open();
  latest().serverSays("{}");
  for (let seconds = 0; seconds < 10; seconds += 5) {
    socket.hurry();
    tick(5000);
  }

  assert.equal(told.at(-1), "waiting");
});
