// The chat on socket.io: a room, and `emit` to it. Each frame is the one argument of the event "frame".

import { createServer } from "node:http";

import { Server } from "socket.io";

const http = createServer();
const server = new Server(http, { transports: ["websocket"] });
const LOBBY = "lobby";

server.on("connection", (socket) => {
  let name;

  socket.on("frame", (frame) => {
    if (name === undefined) {
      name = frame.name ?? `User-${socket.id.slice(0, 4)}`;
      socket.join(LOBBY);
      notify(`${name} присоединился к чату`, "success");
    } else if (frame.type === "message") {
      const { message, timestamp } = frame;
      const told = { type: "message", sender: name, sender_id: socket.id, message, timestamp };
      server.to(LOBBY).emit("frame", told);
    }
  });

  socket.on("disconnect", () => {
    if (name !== undefined) {
      notify(`${name} покинул чат`, "warning");
    }
  });

  socket.emit("frame", { type: "request_name" });
});

function notify(message, color) {
  server.to(LOBBY).emit("frame", { type: "notification", message, color });
}

http.listen(Number(process.argv[2]), "127.0.0.1");
