/** A line behind a serial server: whatever comes over TCP goes to the device, and back. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { SerialPort } from "serialport";

/** A running serial server. */
export interface LineOverTcp {
  /** `rtu+tcp://…` */
  readonly path: string;
  /** Connections since it was started. */
  readonly accepted: number;
  /** Drops whoever is connected, as servers do with who was idle. */
  drop(): Promise<void>;
  /** Accepts nobody any more. */
  refuse(): Promise<void>;
  /** Accepts again, on the same port. */
  accept(): Promise<void>;
  /** From now on nothing of the device is passed on, though connections stay. */
  swallow(isSwallowing: boolean): void;
  stop(): Promise<void>;
}

/** @param device of the line @returns the server, listening */
export async function startLineOverTcp(device: string): Promise<LineOverTcp> {
  const serial = new SerialPort({ path: device, baudRate: 9600 });
  await once(serial, "open");
  const sockets = new Set<Socket>();
  let isSwallowing = false;
  let accepted = 0;
  serial.on("data", (bytes: Buffer) => {
    if (!isSwallowing) for (const socket of sockets) socket.write(bytes);
  });
  const server = createServer((socket) => {
    accepted++;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (bytes) => serial.write(bytes));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const drop = async (): Promise<void> => {
    const closed = [...sockets].map((socket) => once(socket, "close"));
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
  };
  const refuse = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    await drop();
  };
  return {
    path: `rtu+tcp://127.0.0.1:${port}`,
    get accepted() {
      return accepted;
    },
    drop,
    refuse,
    accept: async () => {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    },
    swallow: (wanted) => {
      isSwallowing = wanted;
    },
    stop: async () => {
      await refuse();
      serial.close();
      await once(serial, "close");
    },
  };
}
