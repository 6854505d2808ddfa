/**
 * What a data directory still holds after a cut, against what its gateway had told: opened by the product's own code in
 * the order of the composition root, started as an agent without a network, and asked to vote again.
 */

import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { openSigner } from "../../agent/adapters/signer/fileSigner.ts";
import { loadKeys } from "../../agent/adapters/signer/keyFiles.ts";
import { decode } from "../../agent/core/codec.ts";
import {
  digestOf,
  type Message,
  senderOf,
  type UnsignedMessage,
} from "../../agent/core/consensus/message.ts";
import { readBlock } from "../../agent/core/ledger/blocks/block.ts";
import type { LedgerContext } from "../../agent/core/ledger/state/context.ts";
import {
  MAX_TRANSACTION_BYTES,
  signedTransaction,
  transactionId,
} from "../../agent/core/ledger/state/transaction.ts";
import { MAX_READING_BYTES, readingId, signedReading } from "../../agent/core/metering/reading.ts";
import { height as heightOf } from "../../agent/core/units.ts";
import { readWire } from "../../agent/core/wire.ts";
import type { LedgerStore } from "../../agent/ports/ledgerStore.ts";
import type { Signer } from "../../agent/ports/signer.ts";
import { Agent } from "../../agent/services/agent.ts";
import { memberOfKey } from "../../agent/services/enrolledAs.ts";
import { ownVotes } from "../../agent/services/voting/ownVotes.ts";
import { seededRandom } from "../../drivers/simulator/seededRandom.ts";
import { eventLog } from "../support/eventLog.ts";
import { FakeClock } from "../support/fakeClock.ts";
import { type GatewayDisk, openGatewayDisk } from "../support/gatewayDisk.ts";
import type { SeenItem, SeenVote, Told, ToldBlock } from "./acknowledged.ts";
import { SilentTransport } from "./silentTransport.ts";

/** Some other block: nothing has this hash. */
const OTHER_HASH = "00".repeat(32);

/** A directory, and what its gateway had told before the cut. */
export type CutCase = {
  readonly name: string;
  readonly member: string;
  readonly directory: string;
  readonly told: readonly Told[];
};

type Disk = GatewayDisk & { readonly signer: Signer };

/** @param context of the street @param cut to judge @returns what was lost, contradicted or did not start; [] is what must be */
export async function judgeCut(context: LedgerContext, cut: CutCase): Promise<readonly string[]> {
  const closers: (() => Promise<void>)[] = [];
  try {
    const disk = await openDisk(cut.directory, closers);
    const faults = [
      ...(await blockFaults(disk.store, cut)),
      ...(await itemFaults(disk, cut)),
      ...(await startFaults(context, disk, cut)),
      ...(await voteFaults(context, disk, cut)),
    ];
    return faults.map((fault) => `${cut.name}: ${fault}`);
  } catch (error) {
    return [`${cut.name} does not start: ${describe(error)}`];
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function openDisk(directory: string, closers: (() => Promise<void>)[]): Promise<Disk> {
  const signer = openSigner((await loadKeys(join(directory, "keys"))).ledger);
  return { signer, ...(await openGatewayDisk(directory, closers)) };
}

async function blockFaults(store: LedgerStore, { told }: CutCase): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { height, blockHash } of told.filter((one): one is ToldBlock => one.kind === "block")) {
    const stored = await store.block(heightOf(height));
    if (stored?.blockHash !== blockHash)
      faults.push(`told block ${height} and has ${stored?.blockHash ?? "none"} there`);
  }
  return faults;
}

/**
 * Readings and transactions that were seen wait in their outbox, are in a block, or stated an interval as missing that
 * is closed; and no number is given again.
 */
async function itemFaults(disk: Disk, cut: CutCase): Promise<readonly string[]> {
  const settled = await settledItems(disk.store, cut.member);
  const faults: string[] = [];
  for (const kind of ["reading", "transaction"] as const) {
    const outbox = kind === "reading" ? disk.outbox : disk.transactionOutbox;
    const waiting = outbox
      .pending()
      .map(({ sequence, bytes }) => [sequence, pendingId(kind, bytes)] as const);
    const held = new Map([...settled[kind], ...waiting]);
    const next = outbox.nextSequence();
    for (const { sequence, id, missingIn } of cut.told.filter((one): one is SeenItem => one.kind === kind)) {
      const isGivenUp = missingIn !== null && missingIn < settled.nextInterval && !held.has(sequence);
      if (held.get(sequence) !== id && !isGivenUp)
        faults.push(`${kind} ${sequence} was published and is ${held.has(sequence) ? "another" : "gone"}`);
      if (sequence >= next) faults.push(`${kind} ${sequence} was published and would be numbered again`);
    }
  }
  return faults;
}

async function settledItems(store: LedgerStore, member: string) {
  const items = {
    reading: new Map<number, string>(),
    transaction: new Map<number, string>(),
    nextInterval: 0,
  };
  const head = await store.head();
  for (let at = 1; at <= (head?.height ?? 0); at += 1) {
    const read = readBlock((await store.block(heightOf(at)))?.block ?? new Uint8Array());
    if (read.kind !== "accept") throw new Error(`block ${at} cannot be read: ${read.code}`);
    const { intervals, late } = read.value.body;
    items.nextInterval = read.value.header.to + 1;
    const readings = [
      ...intervals.flatMap((section) => section.readings),
      ...late.map(({ signed }) => signed),
    ];
    for (const { reading } of readings)
      if (reading.member === member) items.reading.set(reading.sequence, readingId(reading));
    for (const { signed } of read.value.body.transactions)
      if (signed.transaction.signer === member)
        items.transaction.set(signed.transaction.sequence, transactionId(signed.transaction));
  }
  return items;
}

function pendingId(kind: SeenItem["kind"], bytes: Uint8Array): string {
  if (kind === "reading") {
    const read = decode(bytes, signedReading, MAX_READING_BYTES);
    return read.kind === "accept" ? readingId(read.value.reading) : read.code;
  }
  const read = decode(bytes, signedTransaction, MAX_TRANSACTION_BYTES);
  return read.kind === "accept" ? transactionId(read.value.transaction) : read.code;
}

async function startFaults(
  context: LedgerContext,
  disk: Disk,
  { told }: CutCase,
): Promise<readonly string[]> {
  const transport = new SilentTransport();
  const faults: string[] = [];
  const agent = new Agent({
    version: "0.0.0",
    context,
    self: memberOfKey(context, disk.signer.publicKey),
    meters: [],
    clock: new FakeClock(Date.now()),
    ...disk,
    failedLives: 0,
    onRenew: () => faults.push("begins another life"),
    transport,
    random: seededRandom(1),
    actuators: [],
    drawNonce: () => Uint8Array.from(randomBytes(32)),
    logger: eventLog(),
    onFault: (error) => faults.push(describe(error)),
  });
  await agent.start();
  const { participation, observesBecause } = await agent.status();
  await agent.stop();
  if (participation !== "voter") faults.push(`does not vote any more: ${observesBecause}`);
  const seen = new Map(
    told.flatMap((one) => (one.kind === "vote" ? [[placeOf(one), one.digest] as const] : [])),
  );
  for (const bytes of transport.published("votes")) {
    const message = readVote(context, bytes);
    if (message === null) continue;
    const digest = seen.get(placeOf({ ...message, vote: message.kind }));
    if (digest !== undefined && digest !== digestOf(message))
      faults.push(`starts with another ${message.kind} at ${message.height}`);
  }
  return faults;
}

/** Each vote that was seen is asked for again, and then one that contradicts it. */
async function voteFaults(
  context: LedgerContext,
  { voteJournal, signer }: Disk,
  { told, member }: CutCase,
): Promise<readonly string[]> {
  const refusals: string[] = [];
  const votes = ownVotes({
    context,
    electorsAt: () => context.voters.voters.map(({ id }) => id),
    signer,
    journal: voteJournal,
    onFailed: ({ detail }) => refusals.push(String(detail.rule)),
  });
  const faults: string[] = [];
  for (const seen of told.filter((one): one is SeenVote => one.kind === "vote")) {
    const message = readVote(context, Buffer.from(seen.wire, "base64"));
    if (message === null || senderOf(message) !== member)
      throw new Error("a vote that was seen cannot be read");
    const { signature, ...unsigned } = message;
    const again = await votes.once(contradictionOf(unsigned), null);
    const answer = refusals.at(-1);
    const where = `${seen.vote} of height ${seen.height}, round ${seen.round}`;
    if (again !== null || answer === undefined || answer === "VOTE_UNPROVEN") {
      faults.push(`${where} was published and would be contradicted`);
      continue;
    }
    if (answer !== "VOTE_CONTRADICTS") continue;
    const same = await votes.once(unsigned, null);
    if (same === null || !Buffer.from(same.signature).equals(signature))
      faults.push(`${where} is signed anew`);
  }
  return faults;
}

function contradictionOf(vote: UnsignedMessage): UnsignedMessage {
  return vote.kind === "round-change"
    ? { ...vote, preparedHash: OTHER_HASH as never }
    : { ...vote, blockHash: OTHER_HASH as never };
}

function readVote(context: LedgerContext, bytes: Uint8Array): Message | null {
  const read = readWire("votes", bytes, context.roster.chainId, () => context.voters.voters);
  return read.kind === "accept" && read.value.kind === "vote" ? read.value.message : null;
}

function placeOf({
  vote,
  height,
  round,
}: {
  readonly vote: string;
  readonly height: number;
  readonly round: number;
}): string {
  return `${vote} ${height} ${round}`;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code = error.name, detail = {} } = error as { code?: string; detail?: unknown };
  return `${code} ${JSON.stringify(detail)} ${error.cause instanceof Error ? error.cause.message : ""}`.trim();
}
