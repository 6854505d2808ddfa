/** A serial device as a channel. */
import { SerialPort } from "serialport";
import type { ByteChannel, ChannelListener } from "./byteChannel.ts";
import { applyRs485Mode, type Rs485Mode } from "./rs485.ts";
import type { LineSettings } from "./timing.ts";

/** Opens a serial device with one setting of its characters. */
export class SerialChannel implements ByteChannel {
  readonly #path: string;
  readonly #rs485: Rs485Mode | null;
  readonly #serial: SerialPort;
  #listener: ChannelListener | null = null;

  /** @param path of the device @param settings of its characters @param rs485 mode of the kernel, null to leave it */
  constructor(path: string, settings: LineSettings, rs485: Rs485Mode | null) {
    const { baudRate, parity, dataBits, stopBits } = settings;
    this.#path = path;
    this.#rs485 = rs485;
    this.#serial = new SerialPort({ path, baudRate, parity, dataBits, stopBits, autoOpen: false });
    this.#serial.on("data", (bytes: Buffer) => this.#listener?.onBytes(bytes));
    this.#serial.on("error", (error) => this.#lose(error));
    this.#serial.on("close", (reason?: Error | null) => this.#lose(reason));
    this.#serial.on("end", () => this.#lose(null));
  }

  get isOpen(): boolean {
    return this.#serial.isOpen;
  }

  async open(listener: ChannelListener): Promise<void> {
    // Before opening: serialport locks the device against everybody else.
    if (this.#rs485 !== null) await applyRs485Mode(this.#path, this.#rs485);
    await new Promise<void>((resolve, reject) =>
      this.#serial.open((error) => (error ? reject(error) : resolve())),
    );
    this.#listener = listener;
  }

  write(bytes: Uint8Array): void {
    this.#serial.write(Buffer.from(bytes));
  }

  flush(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#serial.isOpen) this.#serial.flush(() => resolve());
      else resolve();
    });
  }

  close(): Promise<void> {
    this.#listener = null;
    return new Promise((resolve) => {
      if (this.#serial.isOpen) this.#serial.close(() => resolve());
      else resolve();
    });
  }

  #lose(reason: unknown): void {
    const listener = this.#listener;
    this.#listener = null;
    listener?.onLost(reason);
  }
}
