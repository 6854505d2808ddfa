/**
 * Whether a gateway wrote each of its votes and readings durably before it wrote them to a socket, from a trace of its
 * system calls: the journal's write ended, an fdatasync of that file that began later ended well, and only then did a
 * write that carries the message begin. The transport must not encrypt, or there is nothing to see.
 */
import { encode } from "../../agent/core/codec.ts";
import { senderOf } from "../../agent/core/consensus/message.ts";
import type { LedgerContext } from "../../agent/core/ledger/state/context.ts";
import { chainMark } from "../../agent/core/wire/chainMark.ts";
import { readWire, type WireMessage } from "../../agent/core/wire.ts";
import type { TracedEvent } from "./straceTrace.ts";

/** What was seen of one gateway. */
export type DurableFirst = {
  /** Frames of own messages on sockets, by kind of vote, or `reading`, `transaction`. */
  readonly frames: Readonly<Record<string, number>>;
  /** Frames that came before their record was durable, or without one. */
  readonly early: readonly string[];
};

type Frame = {
  readonly what: string;
  readonly signature: Buffer;
  readonly journal: string;
  readonly beganAt: number;
};

const JOURNALS = {
  vote: "votes.journal",
  reading: "outbox.journal",
  transaction: "transactions.journal",
} as const;
/** Head of a byte string in CBOR by its second nibble: how many bytes of length follow. @source RFC 8949 §3 */
const LENGTH_BYTES: Readonly<Record<number, number>> = { 88: 1, 89: 2, 90: 4 };

/** @param events of one gateway @param context of its street @param self its member id @returns what was seen */
export function durableFirst(
  events: readonly TracedEvent[],
  context: LedgerContext,
  self: string,
): DurableFirst {
  const records = durableRecords(events);
  const frames: Record<string, number> = {};
  const early: string[] = [];
  for (const { what, signature, journal, beganAt } of ownFrames(events, context, self)) {
    frames[what] = (frames[what] ?? 0) + 1;
    const durableAt = records.find(
      (one) => one.path.endsWith(journal) && one.bytes.includes(signature),
    )?.durableAt;
    if (durableAt === undefined) early.push(`${what}: never durable`);
    else if (durableAt >= beganAt)
      early.push(`${what}: sent at line ${beganAt}, durable at line ${durableAt}`);
  }
  return { frames, early };
}

/** Each write to a journal with the end of the first sync that covers it. */
function durableRecords(events: readonly TracedEvent[]) {
  const isWrite = ({ call }: TracedEvent) => call === "pwrite64" || call === "pwritev" || call === "write";
  const syncs = events.filter(
    ({ call, result }) => (call === "fdatasync" || call === "fsync") && result === 0,
  );
  return events
    .filter((event) => isWrite(event) && event.target.includes(".journal"))
    .flatMap((write) => {
      const covers = (sync: TracedEvent) =>
        sync.descriptor === write.descriptor && write.endedAt !== null && sync.beganAt > write.endedAt;
      const durableAt = syncs.find(covers)?.endedAt ?? null;
      return durableAt === null
        ? []
        : [{ path: write.target.replace(/\.new$/, ""), bytes: write.bytes, durableAt }];
    });
}

function ownFrames(events: readonly TracedEvent[], context: LedgerContext, self: string): readonly Frame[] {
  return [...streams(events).values()].flatMap((writes) => {
    const stream = Buffer.concat(writes.map(({ bytes }) => bytes));
    const { chainId } = context.roster;
    const head = Buffer.from(encode([1, chainMark(chainId), new Uint8Array()])).subarray(0, -1);
    const found: Frame[] = [];
    for (let at = stream.indexOf(head); at >= 0; at = stream.indexOf(head, at + 1)) {
      const end = at + head.length + byteStringLength(stream, at + head.length);
      const message = ownMessage(stream.subarray(at, end), context, self);
      // The write that carries its last byte completes it.
      if (message !== null) found.push({ ...message, beganAt: writeAt(writes, end - 1) });
    }
    return found;
  });
}

function ownMessage(
  bytes: Buffer,
  { roster, voters }: LedgerContext,
  self: string,
): Omit<Frame, "beganAt"> | null {
  for (const channel of ["votes", "readings", "transactions"] as const) {
    const read = readWire(channel, bytes, roster.chainId, () => voters.voters);
    if (read.kind !== "accept") continue;
    const message = read.value;
    const what = message.kind === "vote" ? message.message.kind : message.kind;
    const { signature } = message.kind === "vote" ? message.message : message.signed;
    const own = { what, signature: Buffer.from(signature), journal: JOURNALS[message.kind] };
    return signerOf(message) === self ? own : null;
  }
  return null;
}

function signerOf(message: WireMessage): string {
  switch (message.kind) {
    case "vote":
      return senderOf(message.message);
    case "reading":
      return message.signed.reading.member;
    case "transaction":
      return message.signed.transaction.signer;
    default:
      return message satisfies never;
  }
}

/** Writes to each socket; a descriptor that is given again goes to another socket. */
function streams(events: readonly TracedEvent[]): ReadonlyMap<string, readonly TracedEvent[]> {
  const byTarget = new Map<string, TracedEvent[]>();
  for (const event of events) {
    if (!/^(socket:|TCP)/.test(event.target) || event.bytes.length === 0) continue;
    const { result } = event;
    const sent = result === null || result < 0 ? event : { ...event, bytes: event.bytes.subarray(0, result) };
    const writes = byTarget.get(event.target);
    if (writes === undefined) byTarget.set(event.target, [sent]);
    else writes.push(sent);
  }
  return byTarget;
}

function byteStringLength(stream: Buffer, at: number): number {
  const first = stream[at] ?? 0;
  const lengthBytes = LENGTH_BYTES[first];
  if (lengthBytes === undefined) return 1 + (first & 0x1f);
  if (at + 1 + lengthBytes > stream.length) return 0;
  return 1 + lengthBytes + stream.readUIntBE(at + 1, lengthBytes);
}

function writeAt(writes: readonly TracedEvent[], position: number): number {
  let before = 0;
  for (const { bytes, beganAt } of writes) {
    before += bytes.length;
    if (position < before) return beganAt;
  }
  return writes.at(-1)?.beganAt ?? 0;
}
