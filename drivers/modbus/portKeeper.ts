/**
 * Keeps a line open: a port that vanished is opened again by itself, at growing intervals, under whatever name it has
 * come back; a TCP connection that the other end closed is renewed without ado. A line can be lent and taken back.
 */
import type { UnixMs } from "../../agent/core/units.ts";
import { DriverError } from "../driverError.ts";
import { Connection } from "./connection.ts";
import type { LineAddress } from "./lineAddress.ts";
import type { PortListener } from "./linePort.ts";
import type { Rs485Mode } from "./rs485.ts";
import { stableName } from "./stableName.ts";
import type { LineSettings } from "./timing.ts";

/** A change of a line's state, for the log: one each way. */
export type LineEvent =
  | { readonly kind: "port-gone"; readonly path: string; readonly error: DriverError }
  | { readonly kind: "port-back"; readonly path: string; readonly goneForMs: number };

/** How a line is opened again. */
export type ReopenTuning = {
  /** Pause before the first attempt to reopen; it doubles up to the most. */
  readonly reopenFirstMs: number;
  readonly reopenMostMs: number;
  /** A connection that lived shorter was in no order: pauses go on growing, and TCP is not renewed at once. */
  readonly soundAfterMs: number;
};

/** What a port is kept open with. */
export type PortKeeperOptions = {
  /** As configured, for messages. */
  readonly path: string;
  readonly address: LineAddress;
  readonly settings: LineSettings;
  readonly rs485: Rs485Mode | null;
  readonly tuning: ReopenTuning;
  /** Directory with udev's links; default /dev/serial. */
  readonly serialLinks?: string;
  readonly nowMs: () => UnixMs;
  readonly listener: PortListener;
  readonly onEvent: (event: LineEvent) => void;
  /** Called when an open port vanished; its pending request has been rejected. */
  readonly onLost: (error: DriverError) => void;
};

/** The one connection of a line, present, awaited or lent. */
export class PortKeeper {
  readonly #options: PortKeeperOptions;
  #connection: Connection | null = null;
  #openedAtMs = 0;
  #renewal: Promise<boolean> | null = null;
  /** Under which name the device is looked for; known better once it was there. */
  #address: LineAddress;
  #reopenTimer: NodeJS.Timeout | undefined;
  #reopenDelayMs: number;
  #goneAtMs: number | null = null;
  #isLent = false;
  #isClosed = false;

  constructor(options: PortKeeperOptions) {
    this.#options = options;
    this.#address = options.address;
    this.#reopenDelayMs = options.tuning.reopenFirstMs;
  }

  /** True while there is a connection, or one is being renewed. */
  get isOpen(): boolean {
    return !this.#isLent && (this.#connection !== null || this.#renewal !== null);
  }

  /** @returns the connection @throws DriverError `DRIVER_PORT_GONE`, `DRIVER_PORT_LENT` */
  async connection(): Promise<Connection> {
    await this.#renewal;
    if (this.#isLent || this.#connection === null) throw this.absence();
    return this.#connection;
  }

  /** @returns what to tell a caller while there is no connection */
  absence(): DriverError {
    const { path } = this.#options;
    if (this.#isLent) return new DriverError("DRIVER_PORT_LENT", { path });
    return new DriverError("DRIVER_PORT_GONE", { path, why: "not there, reopening" });
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

  /** Drops a connection over which nothing comes any more, and makes another; a serial port is left alone. */
  async renew(): Promise<void> {
    const connection = this.#connection;
    if (this.#options.address.kind === "serial" || connection === null) return;
    this.#connection = null;
    this.#startRenewal(new DriverError("DRIVER_PORT_GONE", { path: this.#options.path, why: "no answers" }));
    await connection.close();
    await this.#renewal;
  }

  /**
   * Closes the port until {@link takeBack}, so that another process may open it.
   *
   * @param drain settles when the request under way has ended; no other is begun
   * @throws DriverError `DRIVER_PORT_LENT` when it is lent already
   */
  async lend(drain: () => Promise<void>): Promise<void> {
    if (this.#isLent) throw this.absence();
    this.#isLent = true;
    clearTimeout(this.#reopenTimer);
    await this.#renewal;
    await drain();
    await this.#disconnect();
  }

  /** Opens a lent port again; one that has vanished meanwhile is reported and waited for. */
  async takeBack(): Promise<void> {
    if (!this.#isLent || this.#isClosed) return;
    this.#isLent = false;
    try {
      await this.#connect();
      this.#reportBack();
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      this.#startReopening(error);
    }
  }

  /** Closes the port for good. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#reopenTimer);
    await this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close();
  }

  async #connect(): Promise<void> {
    const connection: Connection = new Connection({
      ...this.#options,
      address: this.#address,
      onLost: (error) => this.#onLost(connection, error),
    });
    await connection.open();
    if (this.#isClosed || this.#isLent) return await connection.close();
    this.#connection = connection;
    this.#openedAtMs = performance.now();
    const { kind } = this.#address;
    if (kind !== "serial") return;
    this.#address = { kind, path: await stableName(this.#address.path, this.#options.serialLinks) };
  }

  #onLost(connection: Connection, error: DriverError): void {
    if (this.#isClosed || this.#connection !== connection) return;
    this.#connection = null;
    this.#options.onLost(error);
    const { reopenFirstMs, soundAfterMs } = this.#options.tuning;
    const hasLived = performance.now() - this.#openedAtMs >= soundAfterMs;
    // What breaks as soon as it is mended is mended ever more slowly, and reported as rarely.
    if (hasLived) this.#reopenDelayMs = reopenFirstMs;
    if (hasLived && this.#options.address.kind !== "serial") this.#startRenewal(error);
    else this.#startReopening(error);
  }

  /** Gateways close what was idle for a while: that is no outage, unless no other connection can be made. */
  #startRenewal(error: DriverError): void {
    this.#renewal = this.#connect().then(
      () => true,
      (failure: unknown) => {
        if (!(failure instanceof DriverError)) throw failure;
        this.#startReopening(error);
        return false;
      },
    );
    void this.#renewal.finally(() => {
      this.#renewal = null;
    });
  }

  #startReopening(error: DriverError): void {
    if (this.#isClosed) return;
    if (this.#goneAtMs === null) {
      this.#goneAtMs = performance.now();
      this.#options.onEvent({ kind: "port-gone", path: this.#options.path, error });
    }
    this.#scheduleReopening();
  }

  #scheduleReopening(): void {
    const delayMs = this.#reopenDelayMs;
    this.#reopenDelayMs = Math.min(2 * delayMs, this.#options.tuning.reopenMostMs);
    this.#reopenTimer = setTimeout(() => void this.#reopen(), delayMs);
  }

  async #reopen(): Promise<void> {
    try {
      // An attempt that was under way when the line was lent may have come through meanwhile.
      if (this.#connection === null) await this.#connect();
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      // Said once when the port went; saying it at every attempt would fill the log.
      if (!this.#isClosed && !this.#isLent) this.#scheduleReopening();
      return;
    }
    if (!this.#isClosed && !this.#isLent) this.#reportBack();
  }

  #reportBack(): void {
    if (this.#goneAtMs === null || this.#connection === null) return;
    const goneForMs = Math.round(performance.now() - this.#goneAtMs);
    this.#goneAtMs = null;
    this.#options.onEvent({ kind: "port-back", path: this.#options.path, goneForMs });
  }
}
