/** The process that looks at cuts: mounts an image, judges every gateway on it; an image without a fault is removed. */
import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import "../../agent/compat.ts";
import { nodeVerifier } from "../../agent/adapters/signer/nodeVerifier.ts";
import { rememberedVerify } from "../support/rememberedVerify.ts";
import type { Told } from "./acknowledged.ts";
import { judgeCut } from "./judgeCut.ts";
import { contextOf } from "./powercutStreet.ts";

const run = promisify(execFile);
const verify = rememberedVerify(nodeVerifier().verify);

/** One image to look at. */
export type CheckOrder = {
  readonly imagePath: string;
  /** Where to mount it. */
  readonly mountPoint: string;
  readonly gateways: readonly {
    readonly name: string;
    readonly member: string;
    readonly told: readonly Told[];
  }[];
};

/** What was found. */
export type CheckReport = { readonly faults: readonly string[]; readonly tookMs: number };

process.on("message", (order: CheckOrder) => {
  const startedMs = performance.now();
  check(order).then(
    (faults) => process.send?.({ faults, tookMs: performance.now() - startedMs } satisfies CheckReport),
    (error: unknown) => process.send?.({ faults: [`the image cannot be looked at: ${error}`], tookMs: 0 }),
  );
});

async function check({ imagePath, mountPoint, gateways }: CheckOrder): Promise<readonly string[]> {
  await mkdir(mountPoint, { recursive: true });
  try {
    await run("mount", ["-t", "ext4", "-o", "loop", imagePath, mountPoint]);
  } catch (error) {
    return [`the filesystem does not mount: ${error instanceof Error ? error.message : error}`];
  }
  const faults: string[] = [];
  try {
    const found = await Promise.all(
      gateways.map(async ({ name, member, told }) => {
        const directory = join(mountPoint, "street", name);
        return judgeCut(await contextOf({ directory }, verify), { name, member, directory, told });
      }),
    );
    faults.push(...found.flat());
    return faults;
  } finally {
    await run("umount", [mountPoint]);
    if (faults.length === 0) await rm(imagePath, { force: true });
  }
}
