/** A device on Modbus TCP that can be written: what it takes, answers and loses is a test's. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { UnixMs } from "../../agent/core/units.ts";
import { withCrc } from "../../drivers/modbus/crc16.ts";
import { answerFrame, takeRequests } from "../../drivers/simulator/readRequest.ts";
import type { SpaceAnswer, WritableSpace } from "../../drivers/simulator/writableSpace.ts";

/** A running device; it answers whatever unit it is asked as. */
export interface ModbusTcpDevice {
  /** `tcp://…` */
  readonly path: string;
  /** Requests that are neither done nor answered from now on. */
  unheard: number;
  /** Requests that are done and not answered. */
  unanswered: number;
  /** Requests that are done and answered so much later, and by how much. */
  late: { count: number; byMs: number };
  stop(): Promise<void>;
}

/** Transaction, protocol, length; the unit belongs to what follows. @source Modbus Messaging on TCP/IP V1.0b, 3.1.3 */
const HEADER_BYTES = 6;
const CRC_BYTES = 2;

/** @param space what can be written @param nowMs its clock @returns the device, listening */
export async function startModbusTcpDevice(
  space: WritableSpace,
  nowMs: () => UnixMs,
): Promise<ModbusTcpDevice> {
  const sockets = new Set<Socket>();
  const device = { unheard: 0, unanswered: 0, late: { count: 0, byMs: 0 } };
  const answer = (socket: Socket, header: Buffer, unitAndPdu: Buffer): void => {
    if (device.unheard-- > 0) return;
    const [request] = takeRequests(withCrc(unitAndPdu)).requests;
    if (request === undefined) return;
    const done: SpaceAnswer =
      request.write === undefined
        ? ((request.read && space.read(request.read, nowMs())) ?? { kind: "exception", code: 2 })
        : space.write(request.write, nowMs());
    if (device.unanswered-- > 0) return;
    const body = answerFrame(request, done).slice(0, -CRC_BYTES);
    const head = Buffer.from(header);
    head.writeUInt16BE(body.length, 4);
    const delayMs = device.late.count-- > 0 ? device.late.byMs : 0;
    setTimeout(() => socket.write(Buffer.concat([head, body])), delayMs);
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    let waiting = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (bytes) => {
      waiting = Buffer.concat([waiting, bytes]);
      while (waiting.length >= HEADER_BYTES) {
        const end = HEADER_BYTES + waiting.readUInt16BE(4);
        if (waiting.length < end) break;
        answer(socket, waiting.subarray(0, HEADER_BYTES), waiting.subarray(HEADER_BYTES, end));
        waiting = waiting.subarray(end);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const stop = async (): Promise<void> => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, "close");
  };
  return Object.assign(device, { path: `tcp://127.0.0.1:${port}`, stop });
}
