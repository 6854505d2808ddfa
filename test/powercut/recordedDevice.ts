/** A filesystem on a recorded disk: FUSE file, loop device, ext4. Root only. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CutOrder, DeviceReport, DeviceSpec } from "./device.ts";

const run = promisify(execFile);
const DEVICE_MODULE = join(import.meta.dirname, "device.ts");
/** Room for three gateways with their preallocated journals, and for the free space below which they do not vote. */
export const DISK_BYTES = 268_435_456;
/** Longest wait for a cut beyond its own limit, in ms. */
const CUT_LIMIT_MS = 30_000;
/** Options of mount(8) for a file system whose root is one file. @source kernel documentation, filesystems/fuse */
const FUSE_OPTIONS = "fd=3,rootmode=100600,user_id=0,group_id=0,default_permissions";

/** A cut, as the device met it. */
export type MadeCut = Extract<DeviceReport, { kind: "cut" }>;

/** Owns one mounted recorded disk. */
export class RecordedDevice {
  readonly mountPoint: string;
  readonly #child: ChildProcess;
  readonly #file: string;
  readonly #loop: string;

  private constructor(child: ChildProcess, file: string, loop: string, mountPoint: string) {
    this.#child = child;
    this.#file = file;
    this.#loop = loop;
    this.mountPoint = mountPoint;
  }

  /**
   * @param directory for its mount points, created when absent
   * @param imagePath what the disk holds; null for a fresh filesystem
   * @param seed of how long flushes take
   * @returns the device, mounted
   */
  static async start(directory: string, imagePath: string | null, seed: number): Promise<RecordedDevice> {
    const file = join(directory, "disk");
    const mountPoint = join(directory, "mnt");
    await mkdir(mountPoint, { recursive: true });
    await writeFile(file, "");
    const child = await serve(file, { sizeBytes: DISK_BYTES, imagePath, seed });
    const loop = (await run("losetup", ["--find", "--show", file])).stdout.trim();
    if (imagePath === null)
      await run("mkfs.ext4", [
        "-q",
        "-b",
        "4096",
        "-E",
        "lazy_itable_init=0,lazy_journal_init=0,nodiscard",
        loop,
      ]);
    await run("mount", ["-t", "ext4", loop, mountPoint]);
    return new RecordedDevice(child, file, loop, mountPoint);
  }

  /** @param order when, how and where to @returns the cut once its image is written; the device goes on */
  cut(order: Omit<CutOrder, "kind">): Promise<MadeCut> {
    return new Promise((resolve, reject) => {
      const limitMs = order.latestMs + CUT_LIMIT_MS;
      const timer = setTimeout(() => reject(new Error(`no cut within ${limitMs} ms`)), limitMs);
      this.#child.once("message", (report: DeviceReport) => {
        clearTimeout(timer);
        if (report.kind === "cut") resolve(report);
        else reject(new Error(`the device told ${report.kind}`));
      });
      this.#child.send({ kind: "cut", ...order } satisfies CutOrder);
    });
  }

  /** Unmounts everything; nothing may have a file open on it. */
  async stop(): Promise<void> {
    const ended = this.#child.exitCode === null ? once(this.#child, "exit") : Promise.resolve();
    await quietly("umount", [this.mountPoint]);
    await quietly("losetup", ["--detach", this.#loop]);
    await quietly("umount", [this.#file]);
    const killer = setTimeout(() => this.#child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(killer);
  }
}

/** A step of taking down that fails leaves the others to be tried. */
async function quietly(command: string, args: readonly string[]): Promise<void> {
  await run(command, [...args]).catch((error: Error) => {
    process.stderr.write(`powercut: ${command}: ${error.message.trim()}\n`);
  });
}

async function serve(file: string, spec: DeviceSpec): Promise<ChildProcess> {
  const fuse = openSync("/dev/fuse", "r+");
  try {
    const mounting = spawn("mount", ["-i", "-t", "fuse", "-o", FUSE_OPTIONS, "edso-powercut", file], {
      stdio: ["ignore", "ignore", "inherit", fuse],
    });
    const child = spawn(process.execPath, ["--import", "tsx", DEVICE_MODULE, JSON.stringify(spec)], {
      stdio: ["ignore", "inherit", "inherit", fuse, "ipc"],
      detached: true,
    });
    const [[code], [report]] = (await Promise.all([once(mounting, "exit"), once(child, "message")])) as [
      [number | null],
      [DeviceReport],
    ];
    if (code !== 0) throw new Error(`mounting a FUSE file failed with ${code}`);
    if (report.kind !== "serving") throw new Error(`the device told ${report.kind}`);
    return child;
  } finally {
    closeSync(fuse);
  }
}
