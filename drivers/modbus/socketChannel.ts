/** A TCP connection as a channel. */
import { connect, type Socket } from "node:net";
import type { ByteChannel, ChannelListener } from "./byteChannel.ts";

const CONNECT_LIMIT_MS = 5_000;
/** Finds a peer that went without a word; the kernel gives up some minutes later. */
const KEEP_ALIVE_MS = 30_000;

/** Connects to a host. */
export class SocketChannel implements ByteChannel {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | null = null;
  #listener: ChannelListener | null = null;

  /** @param host name or address @param port 1 … 65535 */
  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  get isOpen(): boolean {
    return this.#socket !== null;
  }

  async open(listener: ChannelListener): Promise<void> {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(
        () => socket.destroy(new Error(`no connection within ${CONNECT_LIMIT_MS} ms`)),
        CONNECT_LIMIT_MS,
      );
      const settle = (act: () => void): void => {
        clearTimeout(limit);
        act();
      };
      socket.once("connect", () => settle(resolve));
      socket.once("error", (error) => settle(() => reject(error)));
    });
    let reason: unknown = null;
    socket.on("error", (error) => {
      reason = error;
    });
    socket.on("data", (bytes: Buffer) => this.#listener?.onBytes(bytes));
    // Half a connection is none: a server that sends no more answers no more.
    socket.on("end", () => socket.destroy());
    socket.on("close", () => this.#lose(reason ?? new Error("closed by the other end")));
    this.#socket = socket;
    this.#listener = listener;
  }

  write(bytes: Uint8Array): void {
    this.#socket?.write(bytes);
  }

  /** A connection holds nothing that could be discarded: what has arrived is handed over at once. */
  async flush(): Promise<void> {}

  async close(): Promise<void> {
    this.#listener = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null || socket.closed) return;
    await new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
      socket.destroy();
    });
  }

  #lose(reason: unknown): void {
    this.#socket = null;
    const listener = this.#listener;
    this.#listener = null;
    listener?.onLost(reason);
  }
}
