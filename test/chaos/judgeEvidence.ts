/** What must hold of the ledgers and outboxes of a street, whatever was done to its gateways. Pure. */
import type { ToldCommit } from "./commitWatch.ts";
import type { Evidence, FoundBlock, FoundReading } from "./evidence.ts";

/** Readings that are in no block, and why that may be. */
export type UnsettledReadings = {
  /** Of an interval that no block has settled yet. */
  readonly open: number;
  /** Of an interval that was settled without it: it waits in the outbox for the `late` section. */
  readonly late: number;
};

/** @param all gateways @returns heights at which two of them have another block, gaps, and links that do not hold */
export function chainFaults(all: readonly Evidence[]): readonly string[] {
  const faults = all.flatMap(({ name, chain }) => linkFaults(name, chain));
  const highest = Math.max(0, ...all.map(({ chain }) => chain.length));
  for (let index = 0; index < highest; index += 1) {
    const holders = all.filter(({ chain }) => index < chain.length);
    const hashes = new Set(holders.map(({ chain }) => chain[index]?.blockHash));
    if (hashes.size > 1) {
      const held = holders.map(({ name, chain }) => `${name} ${chain[index]?.blockHash.slice(0, 8)}`);
      faults.push(`height ${index + 1}: ${held.join(", ")}`);
    }
  }
  return faults;
}

/** @param all gateways @param told commits of any life @returns commits that are not, or not so, in the ledger of who told them */
export function takenBack(all: readonly Evidence[], told: readonly ToldCommit[]): readonly string[] {
  const chains = new Map(all.map(({ name, chain }) => [name, chain]));
  return told.flatMap(({ gateway, height, blockHash }) => {
    const held = chains.get(gateway)?.[height - 1]?.blockHash;
    return held === blockHash ? [] : [`${gateway} told block ${height} and has ${held ?? "none"} there`];
  });
}

/**
 * @param all gateways
 * @param memberOf their member ids by name
 * @returns readings doubled, altered, out of order, or gone from the outbox without being in a block
 */
export function readingFaults(
  all: readonly Evidence[],
  memberOf: ReadonlyMap<string, string>,
): readonly string[] {
  const settled = longestChain(all).flatMap(({ readings }) => readings);
  return all.flatMap((evidence) => {
    const own = settled.filter(({ member }) => member === memberOf.get(evidence.name));
    return memberFaults(evidence, own).map((fault) => `${evidence.name}: ${fault}`);
  });
}

/** @param all gateways @returns readings in outboxes that are in no block */
export function unsettledReadings(all: readonly Evidence[]): UnsettledReadings {
  const chain = longestChain(all);
  const settled = new Set(chain.flatMap(({ readings }) => readings.map(({ id }) => id)));
  const lastInterval = chain.at(-1)?.to ?? -1;
  const waiting = all.flatMap(({ outbox }) => outbox.readings).filter(({ id }) => !settled.has(id));
  const late = waiting.filter(({ interval }) => interval <= lastInterval).length;
  return { open: waiting.length - late, late };
}

/** @param all gateways @returns the chain that reaches furthest */
export function longestChain(all: readonly Evidence[]): readonly FoundBlock[] {
  return all.reduce<readonly FoundBlock[]>(
    (longest, { chain }) => (chain.length > longest.length ? chain : longest),
    [],
  );
}

function linkFaults(name: string, chain: readonly FoundBlock[]): readonly string[] {
  return chain.flatMap((block, index) => {
    const parent = chain[index - 1];
    const faults: string[] = [];
    if (block.height !== index + 1) faults.push(`${name}: block ${block.height} is in place ${index + 1}`);
    if (parent !== undefined && block.parentHash !== parent.blockHash)
      faults.push(`${name}: block ${block.height} does not follow from the one below`);
    if (parent !== undefined && block.from !== parent.to + 1)
      faults.push(`${name}: block ${block.height} skips intervals`);
    return faults;
  });
}

function memberFaults({ outbox }: Evidence, settled: readonly FoundReading[]): readonly string[] {
  const faults: string[] = [];
  const given = new Map(outbox.readings.map((reading) => [reading.sequence, reading]));
  const oldest = Math.min(...given.keys(), outbox.nextSequence);
  let last: FoundReading | null = null;
  for (const reading of settled) {
    const { sequence, interval, id } = reading;
    if (last !== null && (sequence <= last.sequence || interval <= last.interval))
      faults.push(
        `sequence ${sequence} of interval ${interval} follows ${last.sequence} of ${last.interval}`,
      );
    last = reading;
    const isKnown = !outbox.isRewritten || sequence >= oldest;
    if (isKnown && given.get(sequence)?.id !== id)
      faults.push(`sequence ${sequence} in a block is not what the outbox was given`);
  }
  const inBlocks = new Set(settled.map(({ sequence }) => sequence));
  for (const sequence of outbox.released)
    if (!inBlocks.has(sequence)) faults.push(`sequence ${sequence} left the outbox and is in no block: lost`);
  return [...faults, ...outboxFaults(outbox.readings, outbox.isRewritten)];
}

function outboxFaults(readings: readonly FoundReading[], isRewritten: boolean): readonly string[] {
  const faults: string[] = [];
  const byInterval = new Map<number, FoundReading>();
  for (const [index, reading] of readings.entries()) {
    if (!isRewritten && reading.sequence !== index + 1)
      faults.push(`the outbox has sequence ${reading.sequence} in place ${index + 1}`);
    const other = byInterval.get(reading.interval);
    if (other !== undefined)
      faults.push(`interval ${reading.interval} was signed as ${other.sequence} and as ${reading.sequence}`);
    byInterval.set(reading.interval, reading);
  }
  return faults;
}
