/** The simulated terminal device is transparent: every byte passes both ways, whoever set the line. */
import { once } from "node:events";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { SerialPort } from "serialport";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SimulatedTty } from "../../../drivers/simulator/simulatedTty.ts";

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, value) => value);
/** Carriage return, line feed, XON, XOFF, and those by which a terminal interrupts, erases or ends input. */
const CONTROL_BYTES = Uint8Array.from([
  0x0d, 0x0a, 0x11, 0x13, 0x03, 0x04, 0x7f, 0x15, 0x1a, 0x00, 0xff, 0xff,
]);

/** As a serial client opens it: not to become this process's controlling terminal. */
const CLIENT_FLAGS = constants.O_RDWR | constants.O_NOCTTY;

const test = suite("drivers/simulator/simulatedTty");

test("serialport passes every byte to the device and back", async () => {
  let received = Buffer.alloc(0);
  const tty = await SimulatedTty.open((bytes) => {
    received = Buffer.concat([received, bytes]);
    tty.write(bytes);
  });
  const port = new SerialPort({ path: tty.path, baudRate: 9600 });
  await once(port, "open");
  const sent = Buffer.from([...ALL_BYTES, ...CONTROL_BYTES]);
  let returned = Buffer.alloc(0);
  port.write(sent);
  while (returned.length < sent.length) {
    const [bytes] = (await once(port, "data")) as [Buffer];
    returned = Buffer.concat([returned, bytes]);
  }
  assert.equal(received, sent);
  assert.equal(returned, sent);
  port.close();
  await once(port, "close");
  await tty.close();
});

test("a client that sets nothing gets no translated byte and no echo", async () => {
  const received: number[] = [];
  const tty = await SimulatedTty.open((bytes) => received.push(...bytes));
  const client = await open(tty.path, CLIENT_FLAGS);
  tty.write(CONTROL_BYTES);
  const buffer = new Uint8Array(CONTROL_BYTES.length);
  for (let length = 0; length < buffer.length; )
    length += (await client.read(buffer, length, buffer.length - length)).bytesRead;
  assert.equal(buffer, CONTROL_BYTES);
  assert.equal(received, []);
  await client.close();
  await tty.close();
});

test("a device that is unplugged vanishes from under its client and has no name", async () => {
  const tty = await SimulatedTty.open(() => {});
  const port = new SerialPort({ path: tty.path, baudRate: 9600 });
  await once(port, "open");
  // serialport notices only while it reads.
  port.resume();
  const isClosed = once(port, "close");
  await tty.unplug();
  await isClosed;
  assert.not.ok(port.isOpen);
  const outcome = await open(tty.path, CLIENT_FLAGS).catch((error: NodeJS.ErrnoException) => error.code);
  assert.is(outcome, "ENOENT");
  await tty.close();
});

test.run();
