/** What must hold of the ledgers and outboxes of a street, whatever was done to its gateways. Pure. */
import type { ToldCommit } from "./commitWatch.ts";
import type { Evidence, FoundBlock, FoundReading } from "./evidence.ts";

/** Readings that are in no block, and why that may be. */
export type UnsettledReadings = {
  /** Of an interval that no block has settled yet. */
  readonly open: number;
  /** Of an interval that was closed without it: it waits in the outbox for the `late` section of a block. */
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
  const chain = longestChain(all);
  return all.flatMap((evidence) => {
    const own = (readings: readonly FoundReading[]) =>
      readings.filter(({ member }) => member === memberOf.get(evidence.name));
    const inTime = own(chain.flatMap(({ readings }) => readings));
    const late = own(chain.flatMap((block) => block.late));
    return memberFaults(evidence, inTime, late).map((fault) => `${evidence.name}: ${fault}`);
  });
}

/** @param all gateways @returns readings in outboxes that are in no block */
export function unsettledReadings(all: readonly Evidence[]): UnsettledReadings {
  const chain = longestChain(all);
  const settled = new Set(chain.flatMap(({ readings, late }) => [...readings, ...late].map(({ id }) => id)));
  const lastInterval = chain.at(-1)?.to ?? -1;
  const waiting = all
    .flatMap(({ outbox }) => outbox.readings.filter(({ sequence }) => !outbox.released.has(sequence)))
    .filter(({ id }) => !settled.has(id));
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

function memberFaults(
  { outbox }: Evidence,
  inTime: readonly FoundReading[],
  late: readonly FoundReading[],
): readonly string[] {
  const faults = [...orderFaults(inTime), ...doubleFaults([...inTime, ...late])];
  const given = new Map(outbox.readings.map((reading) => [reading.sequence, reading]));
  const oldest = Math.min(...given.keys(), outbox.nextSequence);
  const inBlocks = new Set<number>();
  for (const { sequence, id } of [...inTime, ...late]) {
    inBlocks.add(sequence);
    const isKnown = !outbox.isRewritten || sequence >= oldest;
    if (isKnown && given.get(sequence)?.id !== id)
      faults.push(`sequence ${sequence} in a block is not what the outbox was given`);
  }
  for (const sequence of outbox.released) {
    // One that says that nothing was measured leaves when its interval is closed, with it or without.
    const mayBeLeftOut = given.get(sequence)?.kind === "missing";
    if (!inBlocks.has(sequence) && !mayBeLeftOut)
      faults.push(`sequence ${sequence} left the outbox and is in no block: lost`);
  }
  return [...faults, ...outboxFaults(outbox.readings, outbox.isRewritten)];
}

function orderFaults(inTime: readonly FoundReading[]): readonly string[] {
  return inTime.flatMap((reading, index) => {
    const last = inTime[index - 1];
    if (last === undefined || (reading.sequence > last.sequence && reading.interval > last.interval))
      return [];
    return [
      `sequence ${reading.sequence} of interval ${reading.interval} follows ${last.sequence} of ${last.interval}`,
    ];
  });
}

/** No interval's energy is in two readings, in time or late. */
function doubleFaults(settled: readonly FoundReading[]): readonly string[] {
  const withEnergy = settled.filter(({ kind }) => kind !== "missing");
  const byTime = [...withEnergy].sort((left, right) => left.from - right.from);
  return byTime.flatMap((reading, index) => {
    const last = byTime[index - 1];
    if (last === undefined || reading.from > last.interval) return [];
    return [`sequence ${reading.sequence} settles interval ${reading.from}, as ${last.sequence} does`];
  });
}

function outboxFaults(readings: readonly FoundReading[], isRewritten: boolean): readonly string[] {
  const faults: string[] = [];
  const byInterval = new Map<string, FoundReading>();
  for (const [index, reading] of readings.entries()) {
    if (!isRewritten && reading.sequence !== index + 1)
      faults.push(`the outbox has sequence ${reading.sequence} in place ${index + 1}`);
    const kind = reading.kind === "spanning" ? "span to" : "interval";
    const place = `${kind} ${reading.interval}`;
    const other = byInterval.get(place);
    if (other !== undefined)
      faults.push(`${place} was signed as ${other.sequence} and as ${reading.sequence}`);
    byInterval.set(place, reading);
  }
  return faults;
}
