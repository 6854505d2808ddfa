/** One opening of a line: modbus-serial over our own port, one request at a time, every outcome a DriverError. */
import modbusSerial from "modbus-serial";
import type { UnixMs } from "../../agent/core/units.ts";
import type { RawFrame } from "../../agent/ports/meter.ts";
import { DriverError } from "../driverError.ts";
import type { RegisterRead } from "../plan.ts";
import type { ByteChannel } from "./byteChannel.ts";
import {
  type RequestFacts,
  translateOpenFailure,
  translatePortLoss,
  translateRequestFailure,
} from "./errors.ts";
import { rtuFraming } from "./framing.ts";
import type { LineAddress } from "./lineAddress.ts";
import { LinePort, type PortListener } from "./linePort.ts";
import {
  countOf,
  functionCodeOf,
  isWrite,
  type LineRead,
  type LineRequest,
  shapeOfRequest,
  shapeOfWritten,
} from "./lineRequest.ts";
import type { Rs485Mode } from "./rs485.ts";
import { SerialChannel } from "./serialChannel.ts";
import { SocketChannel } from "./socketChannel.ts";
import { tcpFraming } from "./tcpFraming.ts";
import type { LineSettings } from "./timing.ts";

const ModbusRtu = modbusSerial.default;
type ModbusClient = InstanceType<typeof ModbusRtu>;
type Result = { readonly data?: readonly (number | boolean)[] } | undefined;

/** A line on which somebody babbles is waited for this many times the wanted silence, then used all the same. */
const MAX_SILENCE_WAITS = 8;

/** Words of one answer, none of a write, and the frames they came in. */
export type LineAnswer = {
  readonly words: readonly number[];
  readonly frame: RawFrame;
};

/** Registers of one read. */
export type ReadAnswer = LineAnswer & { readonly read: RegisterRead };

/** What a connection is opened with. */
export type ConnectionOptions = {
  /** As configured, for messages. */
  readonly path: string;
  readonly address: LineAddress;
  readonly settings: LineSettings;
  readonly rs485: Rs485Mode | null;
  readonly nowMs: () => UnixMs;
  readonly listener: PortListener;
  /** Called once when the port vanished, after every pending request was rejected. */
  readonly onLost: (error: DriverError) => void;
};

/** An open line with a Modbus client on it. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #port: LinePort;
  readonly #isNumbered: boolean;
  readonly #client: ModbusClient;
  readonly #ended = new AbortController();
  #loss: DriverError | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const framing = options.address.kind === "modbus-tcp" ? tcpFraming() : rtuFraming();
    this.#isNumbered = framing.isNumbered;
    this.#port = new LinePort(channelOf(options), framing, options.listener);
    this.#client = new ModbusRtu(this.#port);
    this.#port.on("lost", (reason: unknown) => this.#lose(translatePortLoss(reason, options.path)));
  }

  /** True when an answer names its request, so that a late one cannot pass for another's. */
  get isNumbered(): boolean {
    return this.#isNumbered;
  }

  /** True once it is known whether the line echoes, without which a single write's answer cannot be told from its echo. */
  get isEchoKnown(): boolean {
    return this.#port.isEchoKnown;
  }

  /** @throws DriverError `DRIVER_PORT_OPEN`, or `DRIVER_PORT_GONE` when it vanished at once */
  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#client.open((error: unknown) => {
        if (error) reject(translateOpenFailure(error, this.#options.path));
        else resolve();
      });
    });
    await this.#port.flush();
    this.#checkAlive();
  }

  /**
   * Waits until the wire has been silent.
   *
   * @param silenceMs wanted since the last byte in either direction
   * @throws DriverError `DRIVER_PORT_GONE` or `DRIVER_CLOSED` when the connection ends meanwhile
   */
  async silence(silenceMs: number): Promise<void> {
    for (let waits = 0; waits < MAX_SILENCE_WAITS; waits++) {
      this.#checkAlive();
      const remainingMs = this.#port.lastActivityMs + silenceMs - performance.now();
      if (remainingMs <= 0) return;
      await this.#sleep(remainingMs);
    }
  }

  /**
   * Sends one request and waits for its answer.
   *
   * @param unitId 1 … 247
   * @param request what to read or write
   * @param timeoutMs from sending to the answer's last byte
   * @returns the words as they came
   * @throws DriverError; `DRIVER_BAD_ANSWER` also when the answer to a write repeats something else
   */
  async ask(unitId: number, request: LineRequest, timeoutMs: number): Promise<LineAnswer> {
    await this.#port.flush();
    this.#checkAlive();
    const count = countOf(request);
    const facts = {
      unitId,
      functionCode: functionCodeOf(request),
      address: request.address,
      count,
      timeoutMs,
    };
    const result = await this.#request(facts, request);
    const frame: RawFrame = {
      request: this.#port.request,
      response: this.#port.response,
      receivedAtMs: this.#options.nowMs(),
    };
    if (isWrite(request)) {
      if (shapeOfWritten(frame.response).echoed !== shapeOfRequest(request).echoed)
        throw new DriverError("DRIVER_BAD_ANSWER", { ...facts, why: "another write was acknowledged" });
      return { words: [], frame };
    }
    const words = wordsOf(request, result);
    if (words.length !== count)
      throw new DriverError("DRIVER_BAD_ANSWER", { ...facts, registers: words.length });
    return { words, frame };
  }

  /** Closes the port; a pending request is rejected with `DRIVER_CLOSED`. */
  async close(): Promise<void> {
    this.#lose(new DriverError("DRIVER_CLOSED", { path: this.#options.path }), false);
    await new Promise<void>((resolve) => this.#port.close(() => resolve()));
  }

  #request(facts: RequestFacts, request: LineRequest): Promise<Result> {
    return new Promise((resolve, reject) => {
      const onEnd = (): void => reject(this.#loss);
      this.#ended.signal.addEventListener("abort", onEnd, { once: true });
      const onSettled = (cause: unknown, result: Result): void => {
        this.#ended.signal.removeEventListener("abort", onEnd);
        const evidence = this.#port.finish();
        if (cause) reject(translateRequestFailure(cause, facts, evidence));
        else resolve(result);
      };
      this.#client.setTimeout(facts.timeoutMs);
      this.#send(facts.unitId, request, onSettled);
    });
  }

  #send(unitId: number, request: LineRequest, onSettled: (cause: unknown, result: Result) => void): void {
    const { address } = request;
    if (!isWrite(request)) {
      const { count } = request;
      if (request.table === "coil") this.#client.writeFC1(unitId, address, count, onSettled);
      else if (request.table === "input") this.#client.writeFC4(unitId, address, count, onSettled);
      else this.#client.writeFC3(unitId, address, count, onSettled);
      return;
    }
    // What the library says of a write is what stands in the frame.
    const onWritten = (cause: unknown): void => onSettled(cause, undefined);
    if (request.kind === "coil") this.#client.writeFC5(unitId, address, request.isOn, onWritten);
    else if (request.words.length === 1)
      this.#client.writeFC6(unitId, address, request.words[0] ?? 0, onWritten);
    else this.#client.writeFC16(unitId, address, [...request.words], onWritten);
  }

  #lose(loss: DriverError, isTold = true): void {
    if (this.#loss !== null) return;
    this.#loss = loss;
    this.#ended.abort();
    // The library's destroy stops its timers; it would leave the port open, so the port is closed by ourselves.
    this.#client.destroy(() => {});
    if (!isTold) return;
    this.#port.close();
    this.#options.onLost(loss);
  }

  #checkAlive(): void {
    if (this.#loss !== null) throw this.#loss;
  }

  #sleep(durationMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const onEnd = (): void => {
        clearTimeout(timer);
        reject(this.#loss);
      };
      const timer = setTimeout(() => {
        this.#ended.signal.removeEventListener("abort", onEnd);
        resolve();
      }, durationMs);
      this.#ended.signal.addEventListener("abort", onEnd, { once: true });
    });
  }
}

/** Coils come by the byte, filled up with zeros. */
function wordsOf({ table, count }: LineRead, result: Result): readonly number[] {
  const words = (result?.data ?? []).map(Number);
  return table === "coil" ? words.slice(0, count) : words;
}

function channelOf({ address, settings, rs485 }: ConnectionOptions): ByteChannel {
  switch (address.kind) {
    case "serial":
      return new SerialChannel(address.path, settings, rs485);
    case "modbus-tcp":
    case "rtu-over-tcp":
      return new SocketChannel(address.host, address.port);
    default:
      return address satisfies never;
  }
}
