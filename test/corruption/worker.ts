/** The process that damages and looks: LevelDB may end it, which is then the outcome of that corruption. */
import "../../agent/compat.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CONFIG_FILE_NAME } from "../../agent/cli/place.ts";
import { loadConfig } from "../../agent/config/load.ts";
import { seededRandom } from "../../drivers/simulator/seededRandom.ts";
import { openGatewayDisk } from "../support/gatewayDisk.ts";
import { BuiltStreet } from "./builtStreet.ts";
import { DAMAGES, type Damage, type Done, damageFile, type FileKind, KINDS } from "./damage.ts";
import { type Judged, judgeCourse, type Sound, votesWritten } from "./judgeCourse.ts";
import { observe } from "./patient.ts";

/** Corruptions to do, as one JSON argument. */
export type WorkOrder = {
  /** Of the street. */
  readonly streetSeed: number;
  readonly from: number;
  readonly count: number;
  readonly kind: FileKind | null;
  readonly damage: Damage | null;
};

/** What it tells: first what is done, then what became of it. */
export type WorkReport =
  | { readonly kind: "built"; readonly text: string; readonly directory: string }
  | { readonly kind: "none"; readonly seed: number }
  | { readonly kind: "damaged"; readonly seed: number; readonly done: Done }
  | { readonly kind: "judged"; readonly judged: Judged };

const PROBE_MODULE = join(import.meta.dirname, "probe.ts");
/** Starts that a supervisor is expected to make. */
const MOST_STARTS = 3;
/** Where copies are cheap. */
const MEMORY_DIRECTORY = "/dev/shm";

process.on("disconnect", () => process.exit(0));
await work(JSON.parse(process.argv[2] ?? "{}") as WorkOrder);
process.disconnect();

async function work(order: WorkOrder): Promise<void> {
  const parent = existsSync(MEMORY_DIRECTORY) ? MEMORY_DIRECTORY : tmpdir();
  const directory = await mkdtemp(join(parent, "edso-corruption-"));
  const street = await BuiltStreet.build(join(directory, "street"), String(order.streetSeed));
  try {
    const sound = await soundOf(street, join(directory, "sound"));
    const text = `${street.chain.length} blocks, ${sound.votes.size} votes, next reading ${sound.nextSequence}`;
    report({ kind: "built", text, directory });
    let done = 0;
    for (let seed = order.from; done < order.count; seed += 1)
      done += (await runCase(street, sound, join(directory, "case"), seed, order)) ? 1 : 0;
  } finally {
    await street.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function report(message: WorkReport): void {
  process.send?.(message);
}

/** A copy is opened and asked, so that the patient itself stays as it was. */
async function soundOf(street: BuiltStreet, copy: string): Promise<Sound> {
  await cp(street.directory, copy, { recursive: true });
  const closers: (() => Promise<void>)[] = [];
  const { context, chain } = street;
  try {
    const { store, outbox } = await openGatewayDisk(copy, closers);
    return {
      context,
      chain,
      config: loadConfig(join(copy, CONFIG_FILE_NAME), {}),
      height: (await store.head())?.height ?? 0,
      nextSequence: outbox.nextSequence(),
      pending: new Set(outbox.pending().map(({ sequence }) => sequence)),
      votes: votesWritten(await readFile(join(street.directory, "votes.journal")), context),
    };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** Kinds and damages in turn, places drawn: every pair is met equally often. */
async function runCase(
  street: BuiltStreet,
  sound: Sound,
  directory: string,
  seed: number,
  { kind, damage }: WorkOrder,
): Promise<boolean> {
  await rm(directory, { recursive: true, force: true });
  await cp(street.directory, directory, { recursive: true });
  const draw = seededRandom(seed, 9);
  const kindInTurn = KINDS[seed % KINDS.length];
  const damageInTurn = DAMAGES[Math.floor(seed / KINDS.length) % DAMAGES.length];
  const done = await damageFile(
    directory,
    kind ?? kindInTurn ?? "keys",
    damage ?? damageInTurn ?? "bit",
    draw,
  );
  if (done === null) {
    report({ kind: "none", seed });
    return false;
  }
  report({ kind: "damaged", seed, done });
  const ended = done.kind === "LevelDB table" ? await endedStarts(join(directory, "ledger")) : 0;
  const judged = judgeCourse(sound, await observe(street, directory));
  report({
    kind: "judged",
    judged: ended === 0 ? judged : { ...judged, why: `${judged.why}, after ${ended} processes that ended` },
  });
  return true;
}

/** As a supervisor starts a service again. @returns how many processes LevelDB has ended by its assertions */
async function endedStarts(ledger: string): Promise<number> {
  for (let ended = 0; ended < MOST_STARTS; ended += 1) {
    const probe = spawn(process.execPath, ["--import", "tsx", PROBE_MODULE, ledger], { stdio: "ignore" });
    const [, signal] = (await once(probe, "exit")) as [number | null, string | null];
    if (signal === null) return ended;
  }
  return MOST_STARTS;
}
