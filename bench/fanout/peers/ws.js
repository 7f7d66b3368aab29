// The plainest chat in Node: `ws`, a loop over its clients, each frame encoded once for all of them.

import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]) });
const inRoom = new Set();
// Whether everybody hears who comes and goes, or only who comes.
const isTold = process.env.NOTICES !== "0";

function tellEverybody(frame) {
  const text = JSON.stringify(frame);
  for (const socket of inRoom) {
    socket.send(text);
  }
}

function notify(socket, message, color) {
  const frame = { type: "notification", message, color };
  if (isTold) {
    tellEverybody(frame);
  } else {
    socket.send(JSON.stringify(frame));
  }
}

server.on("connection", (socket, request) => {
  const id = request.url.split("/").pop();
  let name;

  socket.on("message", (data) => {
    const frame = JSON.parse(data);
    if (name === undefined) {
      name = frame.name ?? `User-${id.slice(0, 4)}`;
      inRoom.add(socket);
      notify(socket, `${name} присоединился к чату`, "success");
    } else if (frame.type === "message") {
      const { message, timestamp } = frame;
      tellEverybody({ type: "message", sender: name, sender_id: id, message, timestamp });
    }
  });

  socket.on("close", () => {
    if (inRoom.delete(socket) && isTold) {
      notify(socket, `${name} покинул чат`, "warning");
    }
  });
  socket.on("error", () => socket.terminate());

  socket.send(JSON.stringify({ type: "request_name" }));
});
