/**
 * The serial port modbus-serial talks through. The library builds requests and judges answers; this port decides
 * which bytes it gets to see. It forgets everything received before a request, hands over one whole frame, and
 * reports frames that answer something else instead of passing them on.
 */
import { EventEmitter } from "node:events";
import { SerialPort } from "serialport";
import { type AwaitedAnswer, awaitedAnswer, leadingFrame, searchAnswer } from "./answerSearch.ts";
import type { Evidence } from "./errors.ts";
import type { LineSettings } from "./timing.ts";

/** More than the longest frame of Modbus with an echo before it. */
const MAX_RECEIVED_BYTES = 600;
/** Adapters hand bytes over in bursts; a pause shorter than this does not end a frame. FTDI's default is 16 ms. */
const BURST_PAUSE_MS = 40;

/** Told about what is not an answer. */
export type PortListener = {
  /** A whole frame came that answers nothing asked now. @returns true when it is late, false when it is a stranger's */
  onForeignFrame(frame: Uint8Array): boolean;
  onEcho(): void;
};

/** One opening of a serial port. */
export class RtuPort extends EventEmitter {
  readonly #serial: SerialPort;
  readonly #listener: PortListener;
  #awaited: AwaitedAnswer | null = null;
  #request: Uint8Array = new Uint8Array();
  #response: Uint8Array = new Uint8Array();
  #received: Uint8Array = new Uint8Array();
  #foreignUnitId: number | null = null;
  #burstTimer: NodeJS.Timeout | undefined;
  #lastActivityMs = performance.now();

  constructor(path: string, settings: LineSettings, listener: PortListener) {
    super();
    const { baudRate, parity, dataBits, stopBits } = settings;
    this.#serial = new SerialPort({ path, baudRate, parity, dataBits, stopBits, autoOpen: false });
    this.#listener = listener;
    this.#serial.on("data", (bytes: Buffer) => this.#receive(bytes));
    this.#serial.on("error", (error) => this.#lose(error));
    this.#serial.on("close", (reason?: Error | null) => this.#lose(reason));
    this.#serial.on("end", () => this.#lose(null));
  }

  /** True while the port can be written to. */
  get isOpen(): boolean {
    return this.#serial.isOpen;
  }

  /** Monotonic instant at which the wire was last in use. */
  get lastActivityMs(): number {
    return this.#lastActivityMs;
  }

  /** The last request as sent. */
  get request(): Uint8Array {
    return this.#request;
  }

  /** The last frame handed to the library. */
  get response(): Uint8Array {
    return this.#response;
  }

  /** @param callback told when open, or why not */
  open(callback: (error: Error | null) => void): void {
    this.#serial.open((error) => callback(error ?? null));
  }

  /** @param callback told when closed */
  close(callback?: (error: Error | null) => void): void {
    clearTimeout(this.#burstTimer);
    this.#awaited = null;
    if (this.#serial.isOpen) this.#serial.close((error) => callback?.(error));
    else callback?.(null);
  }

  /** Discards what the operating system still holds, in both directions. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#serial.isOpen) this.#serial.flush(() => resolve());
      else resolve();
    });
  }

  /** @param request RTU frame; whatever was received before it is forgotten */
  write(request: Buffer): void {
    this.#request = Uint8Array.from(request);
    this.#response = new Uint8Array();
    this.#received = new Uint8Array();
    this.#foreignUnitId = null;
    this.#awaited = awaitedAnswer(this.#request);
    this.#touch();
    this.#serial.write(request);
  }

  /** Ends waiting; silence counts from here. @returns what came besides an answer */
  finish(): Evidence {
    clearTimeout(this.#burstTimer);
    this.#awaited = null;
    this.#touch();
    const evidence = { strayBytes: this.#received, foreignUnitId: this.#foreignUnitId };
    this.#received = new Uint8Array();
    return evidence;
  }

  #receive(bytes: Uint8Array): void {
    this.#touch();
    const joined = Buffer.concat([this.#received, bytes]);
    this.#received = Uint8Array.from(joined.subarray(-MAX_RECEIVED_BYTES));
    if (this.#awaited === null) this.#receiveUnasked();
    else this.#search(this.#awaited);
  }

  #search(awaited: AwaitedAnswer): void {
    clearTimeout(this.#burstTimer);
    const result = searchAnswer(this.#received, awaited);
    switch (result.kind) {
      case "answer":
        this.#handOver(result.frame);
        break;
      case "echo":
        this.#received = result.rest;
        this.#listener.onEcho();
        this.#search(awaited);
        break;
      case "foreign":
        this.#received = result.rest;
        if (!this.#listener.onForeignFrame(result.frame)) this.#foreignUnitId = result.frame[0] ?? null;
        this.#search(awaited);
        break;
      case "spoiled":
        this.#burstTimer = setTimeout(() => this.#handOver(this.#received), BURST_PAUSE_MS);
        break;
      case "incomplete":
        break;
      default:
        result satisfies never;
    }
  }

  #receiveUnasked(): void {
    const frame = leadingFrame(this.#received);
    if (frame === null) return;
    this.#received = this.#received.slice(frame.length);
    this.#listener.onForeignFrame(frame);
  }

  #handOver(frame: Uint8Array): void {
    clearTimeout(this.#burstTimer);
    this.#awaited = null;
    this.#response = frame;
    this.emit("data", Buffer.from(frame));
  }

  #lose(reason: unknown): void {
    clearTimeout(this.#burstTimer);
    this.emit("lost", reason);
  }

  #touch(): void {
    this.#lastActivityMs = performance.now();
  }
}
