// The plainest chat in Node: `ws`, a loop over its clients, each frame encoded once for all of them.

import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]) });
const inRoom = new Set();

function tellEverybody(frame) {
  const text = JSON.stringify(frame);
  for (const socket of inRoom) {
    socket.send(text);
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
      tellEverybody({ type: "notification", message: `${name} присоединился к чату`, color: "success" });
    } else if (frame.type === "message") {
      const { message, timestamp } = frame;
      tellEverybody({ type: "message", sender: name, sender_id: id, message, timestamp });
    }
  });

  socket.on("close", () => {
    if (inRoom.delete(socket)) {
      tellEverybody({ type: "notification", message: `${name} покинул чат`, color: "warning" });
    }
  });
  socket.on("error", () => socket.terminate());

  socket.send(JSON.stringify({ type: "request_name" }));
});
