/** Keeps a line open: a port that vanished is opened again by itself, at growing intervals, under the same path. */
import type { UnixMs } from "../../agent/core/units.ts";
import { DriverError } from "../driverError.ts";
import { Connection } from "./connection.ts";
import type { PortListener } from "./rtuPort.ts";
import type { LineSettings } from "./timing.ts";

/** A change of a line's state, for the log: one each way. */
export type LineEvent =
  | { readonly kind: "port-gone"; readonly path: string; readonly error: DriverError }
  | { readonly kind: "port-back"; readonly path: string; readonly goneForMs: number };

/** What a port is kept open with. */
export type PortKeeperOptions = {
  readonly path: string;
  readonly settings: LineSettings;
  readonly tuning: { readonly reopenFirstMs: number; readonly reopenMostMs: number };
  readonly nowMs: () => UnixMs;
  readonly listener: PortListener;
  readonly onEvent: (event: LineEvent) => void;
  /** Called when an open port vanished; its pending request has been rejected. */
  readonly onLost: (error: DriverError) => void;
};

/** The one connection of a line, present or awaited. */
export class PortKeeper {
  readonly #options: PortKeeperOptions;
  #connection: Connection | null = null;
  #reopenTimer: NodeJS.Timeout | undefined;
  #goneAtMs = 0;
  #isClosed = false;

  constructor(options: PortKeeperOptions) {
    this.#options = options;
  }

  /** True while there is a connection. */
  get isOpen(): boolean {
    return this.#connection !== null;
  }

  /** @returns the connection @throws DriverError `DRIVER_PORT_GONE` */
  connection(): Connection {
    if (this.#connection === null) throw this.goneError();
    return this.#connection;
  }

  /** @returns what to tell a caller while there is no connection */
  goneError(): DriverError {
    return new DriverError("DRIVER_PORT_GONE", { path: this.#options.path, why: "not there, reopening" });
  }

  /**
   * Opens the port for the first time.
   *
   * @param keepsTrying when the port is not there: false throws, true reports it and opens as soon as it comes
   * @throws DriverError `DRIVER_PORT_OPEN`
   */
  async open(keepsTrying: boolean): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      if (!keepsTrying || !(error instanceof DriverError)) throw error;
      this.#startReopening(error);
    }
  }

  /** Closes the port for good. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#reopenTimer);
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close();
  }

  async #connect(): Promise<void> {
    const connection: Connection = new Connection({
      ...this.#options,
      onLost: (error) => this.#onLost(connection, error),
    });
    await connection.open();
    if (this.#isClosed) await connection.close();
    else this.#connection = connection;
  }

  #onLost(connection: Connection, error: DriverError): void {
    if (this.#isClosed || this.#connection !== connection) return;
    this.#connection = null;
    this.#options.onLost(error);
    this.#startReopening(error);
  }

  #startReopening(error: DriverError): void {
    this.#goneAtMs = performance.now();
    this.#options.onEvent({ kind: "port-gone", path: this.#options.path, error });
    this.#reopenAfter(this.#options.tuning.reopenFirstMs);
  }

  #reopenAfter(delayMs: number): void {
    this.#reopenTimer = setTimeout(() => void this.#reopen(delayMs), delayMs);
  }

  async #reopen(delayMs: number): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      // Said once when the port went; saying it at every attempt would fill the log.
      if (!this.#isClosed) this.#reopenAfter(Math.min(2 * delayMs, this.#options.tuning.reopenMostMs));
      return;
    }
    const goneForMs = Math.round(performance.now() - this.#goneAtMs);
    if (!this.#isClosed) this.#options.onEvent({ kind: "port-back", path: this.#options.path, goneForMs });
  }
}
