/**
 * The port modbus-serial talks through, on any channel. The library builds requests and judges answers; this port
 * decides which bytes it gets to see. It forgets what was received before a request, hands over one whole frame, and
 * reports frames that answer something else instead of passing them on.
 */
import { EventEmitter } from "node:events";
import { type AwaitedAnswer, awaitedAnswer } from "./answerSearch.ts";
import type { ByteChannel } from "./byteChannel.ts";
import type { Evidence } from "./errors.ts";
import type { Framing } from "./framing.ts";
import { isSingleWriteCode } from "./lineRequest.ts";

/** More than the longest frame of Modbus with an echo before it. */
const MAX_RECEIVED_BYTES = 600;
/** Adapters hand bytes over in bursts; a pause shorter than this does not end a frame. FTDI's default is 16 ms. */
const BURST_PAUSE_MS = 40;

/** What passed over a channel, for people who look at the wire. */
export type Traffic = { readonly direction: "sent" | "received"; readonly bytes: Uint8Array };

/** Told about what is not an answer. */
export type PortListener = {
  /** A whole frame came that answers nothing asked now. @returns true when it is late, false when it is a stranger's */
  onForeignFrame(frame: Uint8Array): boolean;
  onEcho(): void;
  /** Everything that passes, as it passes. */
  onTraffic(traffic: Traffic): void;
};

/** One opening of a line. */
export class LinePort extends EventEmitter {
  readonly #channel: ByteChannel;
  readonly #framing: Framing;
  readonly #listener: PortListener;
  #awaited: AwaitedAnswer | null = null;
  #request: Uint8Array = new Uint8Array();
  #response: Uint8Array = new Uint8Array();
  #received: Uint8Array = new Uint8Array();
  #foreignUnitId: number | null = null;
  #hasEcho: boolean | null = null;
  #echoesOfRequest = 0;
  #burstTimer: NodeJS.Timeout | undefined;
  #lastActivityMs = performance.now();

  constructor(channel: ByteChannel, framing: Framing, listener: PortListener) {
    super();
    this.#channel = channel;
    this.#framing = framing;
    this.#listener = listener;
  }

  /** True while the port can be written to. */
  get isOpen(): boolean {
    return this.#channel.isOpen;
  }

  /** Monotonic instant at which the wire was last in use. */
  get lastActivityMs(): number {
    return this.#lastActivityMs;
  }

  /** True once an answer has shown whether the line echoes: before that the answer to a single write means nothing. */
  get isEchoKnown(): boolean {
    return this.#framing.isNumbered || this.#hasEcho !== null;
  }

  /** The last request, as an RTU frame. */
  get request(): Uint8Array {
    return this.#request;
  }

  /** The last frame handed to the library, as an RTU frame. */
  get response(): Uint8Array {
    return this.#response;
  }

  /** @param callback told when open, or why not */
  open(callback: (error: unknown) => void): void {
    const listener = {
      onBytes: (bytes: Uint8Array) => this.#receive(bytes),
      onLost: (reason: unknown) => this.#lose(reason),
    };
    this.#channel.open(listener).then(
      () => callback(null),
      (error: unknown) => callback(error),
    );
  }

  /** @param callback told when closed */
  close(callback?: (error: null) => void): void {
    clearTimeout(this.#burstTimer);
    this.#awaited = null;
    void this.#channel.close().then(() => callback?.(null));
  }

  /** Discards what the operating system still holds. */
  flush(): Promise<void> {
    return this.#channel.flush();
  }

  /** @param request RTU frame; whatever was received before it is forgotten */
  write(request: Buffer): void {
    this.#request = Uint8Array.from(request);
    this.#response = new Uint8Array();
    this.#forget();
    this.#foreignUnitId = null;
    this.#echoesOfRequest = 0;
    const awaited = awaitedAnswer(this.#request);
    const isEchoDue = isSingleWriteCode(awaited.functionCode) && this.#hasEcho === true;
    this.#awaited = isEchoDue ? { ...awaited, isEchoDue } : awaited;
    this.#touch();
    const bytes = this.#framing.wrap(this.#request);
    this.#listener.onTraffic({ direction: "sent", bytes });
    this.#channel.write(bytes);
  }

  /** Ends waiting; silence counts from here. @returns what came besides an answer */
  finish(): Evidence {
    clearTimeout(this.#burstTimer);
    this.#awaited = null;
    this.#touch();
    const evidence = { strayBytes: this.#received, foreignUnitId: this.#foreignUnitId };
    this.#forget();
    return evidence;
  }

  #receive(bytes: Uint8Array): void {
    this.#touch();
    this.#listener.onTraffic({ direction: "received", bytes });
    const joined = Buffer.concat([this.#received, bytes]);
    this.#received = Uint8Array.from(joined.subarray(-MAX_RECEIVED_BYTES));
    if (this.#awaited === null) this.#receiveUnasked();
    else this.#search(this.#awaited);
  }

  #search(awaited: AwaitedAnswer): void {
    clearTimeout(this.#burstTimer);
    const result = this.#framing.search(this.#received, awaited);
    switch (result.kind) {
      case "answer":
        this.#received = result.rest ?? this.#received;
        this.#learnEcho(awaited);
        this.#handOver(result.frame);
        break;
      case "echo":
        this.#received = result.rest;
        this.#echoesOfRequest++;
        this.#listener.onEcho();
        this.#awaited = { ...awaited, isEchoDue: false };
        this.#search(this.#awaited);
        break;
      case "foreign":
        this.#received = result.rest;
        if (!this.#listener.onForeignFrame(result.frame)) this.#foreignUnitId = result.frame[0] ?? null;
        this.#search(awaited);
        break;
      case "spoiled":
        this.#burstTimer = setTimeout(() => this.#handOver(this.#received), BURST_PAUSE_MS);
        break;
      case "broken":
        this.#lose(new Error("the other end does not speak Modbus TCP"));
        break;
      case "incomplete":
        break;
      default:
        result satisfies never;
    }
  }

  /** Once it has echoed it counts as echoing: an echo lost to noise then costs a time limit, never a false answer. */
  #learnEcho({ functionCode }: AwaitedAnswer): void {
    if (isSingleWriteCode(functionCode)) return;
    this.#hasEcho = this.#hasEcho === true || this.#echoesOfRequest > 0;
  }

  #receiveUnasked(): void {
    const leading = this.#framing.leading(this.#received);
    if (leading === null) return;
    this.#received = leading.rest;
    this.#listener.onForeignFrame(leading.frame);
  }

  #handOver(frame: Uint8Array): void {
    clearTimeout(this.#burstTimer);
    this.#awaited = null;
    this.#response = frame;
    this.emit("data", Buffer.from(frame));
  }

  /** The beginning of a numbered message is kept: without it the next one could not be found. */
  #forget(): void {
    if (!this.#framing.isNumbered) this.#received = new Uint8Array();
  }

  #lose(reason: unknown): void {
    clearTimeout(this.#burstTimer);
    this.emit("lost", reason);
  }

  #touch(): void {
    this.#lastActivityMs = performance.now();
  }
}
