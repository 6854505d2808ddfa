/**
 * A real terminal device with this process at its far end, under a name that stays when the device behind it
 * changes, as the names under /dev/serial/by-id do.
 */
import { constants } from "node:fs";
import { type FileHandle, mkdtemp, open, rm, symlink } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReadStream } from "node:tty";
import * as nodePty from "@lydell/node-pty";

/** Both ends of a pseudo-terminal. node-pty offers `open` without declaring it. */
type PtyPair = { readonly master: Socket; readonly slave: ReadStream; readonly ptsName: string };

/** A terminal device that can be unplugged. */
export class SimulatedTty {
  /** What a client opens; stays the same when plugged in again. */
  readonly path: string;
  readonly #directory: string;
  readonly #onBytes: (bytes: Uint8Array) => void;
  #device: { readonly master: Socket; readonly keptOpen: FileHandle } | null = null;

  private constructor(directory: string, onBytes: (bytes: Uint8Array) => void) {
    this.#directory = directory;
    this.path = join(directory, "tty");
    this.#onBytes = onBytes;
  }

  /** @param onBytes told what clients write @returns a device, plugged in */
  static async open(onBytes: (bytes: Uint8Array) => void): Promise<SimulatedTty> {
    const tty = new SimulatedTty(await mkdtemp(join(tmpdir(), "edso-line-")), onBytes);
    await tty.plug();
    return tty;
  }

  /** @param bytes to send to the client; lost while unplugged */
  write(bytes: Uint8Array): void {
    this.#device?.master.write(bytes);
  }

  /** Plugs in a new device under the same name. */
  async plug(): Promise<void> {
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
    await symlink(pair.ptsName, this.path);
  }

  /** Pulls the device: clients see it vanish, and its name is gone. */
  async unplug(): Promise<void> {
    const device = this.#device;
    this.#device = null;
    if (device === null) return;
    await rm(this.path, { force: true });
    // Not node-pty's own destroy: for a pair without a child it signals process group −1, that is, everyone.
    await closed(device.master);
    await device.keptOpen.close();
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
