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
import type { Rs485Mode } from "./rs485.ts";
import { SerialChannel } from "./serialChannel.ts";
import { SocketChannel } from "./socketChannel.ts";
import { tcpFraming } from "./tcpFraming.ts";
import type { LineSettings } from "./timing.ts";

const ModbusRtu = modbusSerial.default;
type ModbusClient = InstanceType<typeof ModbusRtu>;
type ReadResult = { readonly data: readonly number[] };

const FUNCTION_CODES = { input: 4, holding: 3 } as const;
/** A line on which somebody babbles is waited for this many times the wanted silence, then used all the same. */
const MAX_SILENCE_WAITS = 8;

/** Registers of one answer, and the frames they came in. */
export type ReadAnswer = {
  readonly read: RegisterRead;
  readonly words: readonly number[];
  readonly frame: RawFrame;
};

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
   * Sends one read and waits for its answer.
   *
   * @param unitId 1 … 247
   * @param read what to read
   * @param timeoutMs from sending to the answer's last byte
   * @returns the registers as they came
   * @throws DriverError
   */
  async read(unitId: number, read: RegisterRead, timeoutMs: number): Promise<ReadAnswer> {
    await this.#port.flush();
    this.#checkAlive();
    const { address, count } = read;
    const facts = { unitId, functionCode: FUNCTION_CODES[read.table], address, count, timeoutMs };
    const result = await this.#request(facts);
    if (result.data.length !== count)
      throw new DriverError("DRIVER_BAD_ANSWER", { ...facts, registers: result.data.length });
    const frame: RawFrame = {
      request: this.#port.request,
      response: this.#port.response,
      receivedAtMs: this.#options.nowMs(),
    };
    return { read, words: result.data, frame };
  }

  /** Closes the port; a pending request is rejected with `DRIVER_CLOSED`. */
  async close(): Promise<void> {
    this.#lose(new DriverError("DRIVER_CLOSED", { path: this.#options.path }), false);
    await new Promise<void>((resolve) => this.#port.close(() => resolve()));
  }

  #request(facts: RequestFacts): Promise<ReadResult> {
    const { unitId, address, count, timeoutMs } = facts;
    return new Promise((resolve, reject) => {
      const onEnd = (): void => reject(this.#loss);
      this.#ended.signal.addEventListener("abort", onEnd, { once: true });
      const onSettled = (cause: unknown, result: ReadResult): void => {
        this.#ended.signal.removeEventListener("abort", onEnd);
        const evidence = this.#port.finish();
        if (cause) reject(translateRequestFailure(cause, facts, evidence));
        else resolve(result);
      };
      this.#client.setTimeout(timeoutMs);
      if (facts.functionCode === FUNCTION_CODES.input)
        this.#client.writeFC4(unitId, address, count, onSettled);
      else this.#client.writeFC3(unitId, address, count, onSettled);
    });
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
