/**
 * A real terminal device with this process at its far end, in a directory laid out like /dev: the device has a
 * kernel's name that may change when it is put back, and a link below `serial/by-id` that stays.
 */
import { spawn } from "node:child_process";
import { constants, mkdtempSync } from "node:fs";
import { type FileHandle, mkdir, open, rm, symlink } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReadStream } from "node:tty";
import * as nodePty from "@lydell/node-pty";

const FIRST_NAME = "ttyUSB0";
const IDENTITY = "usb-edso_Simulated_RS485-if00-port0";
const STTY_LIMIT_MS = 5_000;

/** Both ends of a pseudo-terminal. node-pty offers `open` without declaring it. */
type PtyPair = { readonly master: Socket; readonly slave: ReadStream; readonly ptsName: string };

/** A terminal device that can be unplugged. */
export class SimulatedTty {
  /** What a client opens; stays the same when plugged in again. */
  readonly path: string;
  /** Directory that is laid out like /dev/serial. */
  readonly serialLinks: string;
  readonly #directory: string;
  readonly #onBytes: (bytes: Uint8Array) => void;
  #name = FIRST_NAME;
  #device: { readonly master: Socket; readonly keptOpen: FileHandle } | null = null;

  /** @param onBytes told what clients write */
  constructor(onBytes: (bytes: Uint8Array) => void) {
    this.#directory = mkdtempSync(join(tmpdir(), "edso-line-"));
    this.serialLinks = join(this.#directory, "serial");
    this.path = join(this.serialLinks, "by-id", IDENTITY);
    this.#onBytes = onBytes;
  }

  /** @param onBytes told what clients write @returns a device, plugged in */
  static async open(onBytes: (bytes: Uint8Array) => void): Promise<SimulatedTty> {
    const tty = new SimulatedTty(onBytes);
    await tty.plug();
    return tty;
  }

  /** Path under the name that the kernel has given the device. */
  get deviceName(): string {
    return join(this.#directory, this.#name);
  }

  /** @param bytes to send to the client; lost while unplugged */
  write(bytes: Uint8Array): void {
    this.#device?.master.write(bytes);
  }

  /** Plugs in a new device under the same stable name. @param name the kernel gives it; default: the one before */
  async plug(name: string = this.#name): Promise<void> {
    if (this.#device !== null) return;
    const pair = openPair();
    pair.slave.on("error", () => {});
    pair.master.on("error", () => {});
    // Before a client sets the line itself, nothing may be echoed or translated.
    pair.slave.setRawMode(true);
    // The device stays open on this side, so that a client may come and go, but through a handle that never reads:
    // even paused, node-pty's stream would take bytes that are the client's.
    const keptOpen = await open(pair.ptsName, constants.O_RDWR | constants.O_NOCTTY);
    await closed(pair.slave);
    pair.master.on("data", (bytes: Uint8Array) => this.#onBytes(bytes));
    this.#device = { master: pair.master, keptOpen };
    this.#name = name;
    await mkdir(join(this.serialLinks, "by-id"), { recursive: true });
    await symlink(pair.ptsName, this.deviceName);
    await symlink(this.deviceName, this.path);
  }

  /** Pulls the device: clients see it vanish, and its names are gone. */
  async unplug(): Promise<void> {
    const device = this.#device;
    this.#device = null;
    if (device === null) return;
    await rm(this.path, { force: true });
    await rm(this.deviceName, { force: true });
    // Not node-pty's own destroy: for a pair without a child it signals process group −1, that is, everyone.
    await closed(device.master);
    await device.keptOpen.close();
  }

  /** @returns the speed that the client has set, in baud; null when that cannot be told */
  baudRate(): Promise<number | null> {
    const device = this.#device;
    if (device === null) return Promise.resolve(null);
    // Through the handle that is open already: the client's lock keeps everybody else from opening the device.
    const stty = spawn("stty", ["speed"], {
      stdio: [device.keptOpen.fd, "pipe", "ignore"],
      timeout: STTY_LIMIT_MS,
    });
    return new Promise((resolve) => {
      let told = "";
      stty.stdout?.on("data", (bytes: Buffer) => {
        told += bytes.toString();
      });
      stty.once("error", () => resolve(null));
      stty.once("close", () => resolve(/^\d+\s*$/.test(told) ? Number(told) : null));
    });
  }

  /** Unplugs the device for good. */
  async close(): Promise<void> {
    await this.unplug();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function openPair(): PtyPair {
  const library = nodePty as unknown as { open(options: { encoding: null }): PtyPair };
  return library.open({ encoding: null });
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
    socket.destroy();
  });
}
