/**
 * What a data directory still holds after a cut, against what its gateway had told: opened by the product's own code in
 * the order of the composition root, started as an agent without a network, and asked to vote again.
 */
import { join } from "node:path";
import { openOutbox } from "../../agent/adapters/journal/fileOutbox.ts";
import { openVoteJournal } from "../../agent/adapters/journal/fileVoteJournal.ts";
import { openSigner } from "../../agent/adapters/signer/fileSigner.ts";
import { loadKeys } from "../../agent/adapters/signer/keyFiles.ts";
import { openStore } from "../../agent/adapters/store/levelStore.ts";
import { decode } from "../../agent/core/codec.ts";
import {
  digestOf,
  type Message,
  senderOf,
  type UnsignedMessage,
} from "../../agent/core/consensus/message.ts";
import { readBlock } from "../../agent/core/ledger/block.ts";
import type { LedgerContext } from "../../agent/core/ledger/context.ts";
import { MAX_READING_BYTES, readingId, signedReading } from "../../agent/core/metering/reading.ts";
import { height as heightOf } from "../../agent/core/units.ts";
import { readWire } from "../../agent/core/wire.ts";
import type { LedgerStore } from "../../agent/ports/ledgerStore.ts";
import type { Outbox } from "../../agent/ports/outbox.ts";
import type { Signer } from "../../agent/ports/signer.ts";
import type { VoteJournal } from "../../agent/ports/voteJournal.ts";
import { Agent } from "../../agent/services/agent.ts";
import { ownVotes } from "../../agent/services/ownVotes.ts";
import { seededRandom } from "../../drivers/simulator/seededRandom.ts";
import { eventLog } from "../support/eventLog.ts";
import { FakeClock } from "../support/fakeClock.ts";
import type { SeenReading, SeenVote, Told, ToldBlock } from "./acknowledged.ts";
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

type Disk = {
  readonly store: LedgerStore;
  readonly voteJournal: VoteJournal;
  readonly outbox: Outbox;
  readonly signer: Signer;
};

/** @param context of the street @param cut to judge @returns what was lost, contradicted or did not start; [] is what must be */
export async function judgeCut(context: LedgerContext, cut: CutCase): Promise<readonly string[]> {
  const closers: (() => Promise<void>)[] = [];
  try {
    const disk = await openDisk(context, cut.directory, closers);
    const faults = [
      ...(await blockFaults(disk.store, cut)),
      ...(await readingFaults(disk, cut)),
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

/** As the composition root does it. */
async function openDisk(
  context: LedgerContext,
  directory: string,
  closers: (() => Promise<void>)[],
): Promise<Disk> {
  const signer = openSigner((await loadKeys(join(directory, "keys"))).ledger);
  const store = await openStore(join(directory, "ledger"));
  closers.push(() => store.close());
  const electorsAt = () => context.voters.voters;
  const voteJournal = await openVoteJournal(join(directory, "votes.journal"), { electorsAt });
  closers.push(() => voteJournal.close());
  const outbox = await openOutbox(join(directory, "outbox.journal"));
  closers.push(() => outbox.close());
  return { store, voteJournal, outbox, signer };
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

async function readingFaults({ store, outbox }: Disk, { member, told }: CutCase): Promise<readonly string[]> {
  const seen = told.filter((one): one is SeenReading => one.kind === "reading");
  if (seen.length === 0) return [];
  const held = new Map<number, string>();
  const head = await store.head();
  for (let at = 1; at <= (head?.height ?? 0); at += 1) {
    const read = readBlock((await store.block(heightOf(at)))?.block ?? new Uint8Array());
    if (read.kind !== "accept") return [`block ${at} cannot be read: ${read.code}`];
    for (const { readings } of read.value.body.intervals)
      for (const { reading } of readings)
        if (reading.member === member) held.set(reading.sequence, readingId(reading));
  }
  for (const { sequence, bytes } of outbox.pending()) {
    const read = decode(bytes, signedReading, MAX_READING_BYTES);
    if (read.kind === "accept") held.set(sequence, readingId(read.value.reading));
  }
  const next = outbox.nextSequence();
  return seen.flatMap(({ sequence, id }) => [
    ...(held.get(sequence) === id
      ? []
      : [`reading ${sequence} was published and is ${held.has(sequence) ? "another" : "gone"}`]),
    ...(sequence < next ? [] : [`reading ${sequence} was published and would be numbered again`]),
  ]);
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
    meters: [],
    clock: new FakeClock(Date.now()),
    ...disk,
    transport,
    random: seededRandom(1),
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
    ? { ...vote, namedHash: OTHER_HASH as never }
    : { ...vote, blockHash: OTHER_HASH as never };
}

function readVote(context: LedgerContext, bytes: Uint8Array): Message | null {
  const read = readWire("votes", bytes, context.roster.chainId, context.voters.voters);
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
