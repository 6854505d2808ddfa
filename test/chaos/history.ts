/**
 * A street that has run for a month when its processes start for the first time: written by the product's own services
 * into the data directories, with the keys, meters and journals that the processes go on with.
 */
import { join } from "node:path";
import { nodeVerifier } from "../../agent/adapters/signer/nodeVerifier.ts";
import type { Street } from "../../agent/cli/demoSetup.ts";
import { timeLapseOf } from "../../agent/cli/demoStreet.ts";
import { readGenesisFile } from "../../agent/cli/genesisFile.ts";
import { paperMeters } from "./paperMeters.ts";
import { PaperStreet } from "./paperStreet.ts";

/** Blocks that a gateway has which was away since. */
export const BLOCKS_BEFORE_AWAY = 3;
/** Blocks between two lines of progress. */
const PROGRESS_EVERY = 250;
/** The street is written faster than it lives, or never comes to an end: so many times the blocks asked for. */
const MOST_BLOCKS = 3;

/** What is to have happened. */
export type HistoryPlan = {
  /** At least so many: the street goes on to the present instant. */
  readonly blocks: number;
  readonly intervalSeconds: number;
};

/** What has happened. */
export type History = {
  /** Height of each gateway's ledger, by name; the last gateway stopped after its first blocks. */
  readonly heights: ReadonlyMap<string, number>;
  /** First interval that no block has settled. */
  readonly nextInterval: number;
};

/**
 * @param laidOut nothing of which was ever started, its first interval far enough back
 * @param plan what is to have happened
 * @param note takes a line of progress
 * @param signal ends it early
 * @returns once every gateway has stopped in order, and the next interval is not over yet
 * @throws Error when anything goes wrong on the way
 */
export async function writeHistory(
  laidOut: Street,
  plan: HistoryPlan,
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<History> {
  const { blocks, intervalSeconds } = plan;
  const { places, firstIntervalAtMs } = laidOut;
  const last = places.at(-1);
  if (last === undefined) throw new Error("the street is empty");
  const away = last.household.name;
  const context = await readGenesisFile(join(last.directory, "genesis.cbor"), nodeVerifier().verify);
  const timeLapse = timeLapseOf(intervalSeconds);
  const street = new PaperStreet({
    context,
    metersOf: ({ household }, nowMs) => paperMeters(household, firstIntervalAtMs, timeLapse, nowMs),
  });
  await street.start(places);
  while (street.height < blocks || street.nextCutOffMs <= Date.now()) {
    signal.throwIfAborted();
    if (street.height >= MOST_BLOCKS * blocks)
      throw new Error("the street is not written faster than it lives");
    await street.settleNext();
    if (street.height === BLOCKS_BEFORE_AWAY) await street.stop(away);
    if (street.height % PROGRESS_EVERY === 0) note(`${street.height} blocks written`);
  }
  const { height, nextInterval } = street;
  await street.stopAll();
  const heightOf = (name: string) => (name === away ? BLOCKS_BEFORE_AWAY : height);
  const heights = new Map(places.map(({ household: { name } }) => [name, heightOf(name)]));
  return { heights, nextInterval };
}
