/** A meter on jsmodbus, and jsmodbus as a client: an implementation in the same language that shares no code. */
import { once } from "node:events";
import { createServer } from "node:net";
import { client, server } from "jsmodbus";
import { SerialPort } from "serialport";
import { openTtyPair } from "./ttyPair.ts";

const BAUD_RATE = 9600;
/** jsmodbus answers whatever unit it is asked as. */
export const JSMODBUS_UNIT_ID = 3;

/** Registers like those of an Eastron SDM630: float32, most significant word first. */
const VALUES: Readonly<Record<number, number>> = {
  0: 229.5,
  2: 230.25,
  4: 231.75,
  6: 0.5,
  8: 1.25,
  10: 2.75,
  52: 640.5,
  70: 49.98,
  72: 4321.098,
  74: 12.5,
};
const INPUT_BYTES = 0x0184 * 2;

/** A running meter. */
export type JsmodbusMeter = {
  readonly port: string;
  readonly mbpollAt: string | number;
  stop(): Promise<void>;
};

/** @returns a meter on a serial line, answering */
export async function startSerialJsmodbus(): Promise<JsmodbusMeter> {
  const ttys = await openTtyPair();
  const port = new SerialPort({ path: ttys.far, baudRate: BAUD_RATE });
  await once(port, "open");
  new server.RTU(port, { input: registers() });
  const stop = async (): Promise<void> => {
    port.close();
    await once(port, "close");
    await ttys.close();
  };
  return { port: ttys.near, mbpollAt: ttys.near, stop };
}

/** @returns a meter on Modbus TCP, answering */
export async function startTcpJsmodbus(): Promise<JsmodbusMeter> {
  const listener = createServer();
  new server.TCP(listener, { input: registers() });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const stop = async (): Promise<void> => {
    listener.close();
    await once(listener, "close");
  };
  return { port: `tcp://127.0.0.1:${port}`, mbpollAt: port, stop };
}

/**
 * Reads input registers with jsmodbus.
 *
 * @param device of the line
 * @param options unit, address, count
 * @returns the words
 */
export async function readByJsmodbus(
  device: string,
  options: { readonly unitId: number; readonly address: number; readonly count: number },
): Promise<readonly number[]> {
  const { unitId, address, count } = options;
  const port = new SerialPort({ path: device, baudRate: BAUD_RATE });
  const modbus = new client.RTU(port, unitId, 2_000);
  await once(port, "open");
  try {
    const { response } = await modbus.readInputRegisters(address, count);
    return [...response.body.valuesAsArray];
  } finally {
    port.close();
    await once(port, "close");
  }
}

function registers(): Buffer {
  const input = Buffer.alloc(INPUT_BYTES);
  for (const [address, value] of Object.entries(VALUES)) input.writeFloatBE(value, 2 * Number(address));
  return input;
}
