/**
 * What became of a damaged gateway, and whether anything went wrong without a word: a block, vote or reading that
 * differs from what it had before, or that is gone, while the gateway says that all is well.
 */
import { isDeepStrictEqual } from "node:util";
import { decodeJournal } from "../../agent/adapters/journal/journalFormat.ts";
import { decodeVoteRecord } from "../../agent/adapters/journal/voteRecord.ts";
import { explain } from "../../agent/cli/explain.ts";
import type { Config } from "../../agent/config/schema.ts";
import { equalBytes } from "../../agent/core/bytes.ts";
import { digestOf, type Message } from "../../agent/core/consensus/message.ts";
import { isAgentError } from "../../agent/core/errors.ts";
import type { LedgerContext } from "../../agent/core/ledger/context.ts";
import { readWire } from "../../agent/core/wire.ts";
import type { StoredBlock } from "../../agent/ports/ledgerStore.ts";
import type { Course } from "./patient.ts";

/**
 * `refused` to start or ended, with a code that `explain` knows · `abstains` from voting and says why · `resynced` what
 * it lacked from its neighbours · `unaffected` · `setting` changed into another valid one, which nothing can tell ·
 * `unclear` failed without a code · `silent` divergence.
 */
export const OUTCOMES = [
  "refused",
  "abstains",
  "resynced",
  "unaffected",
  "setting",
  "unclear",
  "silent",
] as const;
/** Name of one. */
export type Outcome = (typeof OUTCOMES)[number];

/** The patient before it was damaged. */
export type Sound = {
  readonly context: LedgerContext;
  readonly chain: readonly StoredBlock[];
  readonly config: Config;
  /** Of its own ledger; its neighbours may be further on. */
  readonly height: number;
  readonly nextSequence: number;
  readonly pending: ReadonlySet<number>;
  /** Digests of every vote it ever wrote, by place. */
  readonly votes: ReadonlyMap<string, string>;
};

/** The outcome, and why. */
export type Judged = { readonly outcome: Outcome; readonly why: string };

/** A failure that nobody foresaw. @source sysexits(3), EX_SOFTWARE */
const EXIT_SOFTWARE = 70;
/** Events of the log that tell somebody who looks. */
const TELLING = new Set(["warn", "error"]);

/** @param sound before @param course after @returns the outcome */
export function judgeCourse(sound: Sound, course: Course): Judged {
  const contradictions = contradictedVotes(sound, course);
  if (contradictions.length > 0) return { outcome: "silent", why: contradictions.join("; ") };
  const failure = course.refusal ?? course.faults[0] ?? null;
  if (failure !== null) return failed(failure);
  const { status, events } = course;
  const wrong = wrongBlocks(sound, course);
  if (wrong.length > 0) return { outcome: "silent", why: wrong.join("; ") };
  const lost = lostThings(sound, course);
  const code = status?.observesCode ?? null;
  if (code !== null)
    return { outcome: "abstains", why: `${code}${lost.length > 0 ? ` (${lost.join("; ")})` : ""}` };
  const words = events.filter(({ level }) => TELLING.has(level)).map(({ event }) => event);
  if (lost.length > 0) {
    const why = `${lost.join("; ")}; said: ${words.join(", ") || "nothing"}`;
    return { outcome: "silent", why };
  }
  if (course.config !== null && !isSameConfig(sound, course.config))
    return { outcome: "setting", why: "another valid value" };
  if (course.heightAtStart < sound.height || words.includes("ledger.set-aside"))
    return { outcome: "resynced", why: `from height ${course.heightAtStart} of ${sound.height}` };
  return { outcome: "unaffected", why: words.join(", ") };
}

/** @param file the vote journal @param context of its street @returns digests of the votes in it, by place */
export function votesWritten(file: Buffer, context: LedgerContext): ReadonlyMap<string, string> {
  const { records, damage } = decodeJournal(file, "votes");
  if (damage !== null) throw new Error("the sound vote journal is damaged");
  return new Map(
    records.flatMap(({ payload }) => {
      const read = decodeVoteRecord(payload, () => context.voters.voters);
      if (read.kind !== "accept") throw new Error(`the sound vote journal: ${read.code}`);
      return "vote" in read.value
        ? [[placeOf(read.value.vote.message), digestOf(read.value.vote.message)] as const]
        : [];
    }),
  );
}

function failed(failure: unknown): Judged {
  const { code, exit } = explain(failure);
  return exit === EXIT_SOFTWARE
    ? { outcome: "unclear", why: `${code}: ${failure}` }
    : { outcome: "refused", why: code };
}

function contradictedVotes({ context, votes }: Sound, course: Course): readonly string[] {
  return course.votes.flatMap((bytes) => {
    const read = readWire("votes", bytes, context.roster.chainId, context.voters.voters);
    if (read.kind !== "accept" || read.value.kind !== "vote") return [];
    const { message } = read.value;
    const before = votes.get(placeOf(message));
    return before === undefined || before === digestOf(message) ? [] : [`another ${placeOf(message)}`];
  });
}

/** A block that cannot be read is told of; one that is read must be the right one. */
function wrongBlocks({ chain }: Sound, { blocks }: Course): readonly string[] {
  return blocks.flatMap((block, index) => {
    const right = chain[index];
    if (block instanceof Error) return isAgentError(block) ? [] : [`block ${index + 1}: ${block}`];
    if (block === null || right === undefined) return [`block ${index + 1} is missing or too many`];
    const isRight = block.blockHash === right.blockHash && equalBytes(block.block, right.block);
    return isRight ? [] : [`block ${index + 1} differs`];
  });
}

function lostThings({ chain, height, nextSequence, pending }: Sound, course: Course): readonly string[] {
  const lost: string[] = [];
  const end = course.status?.ledger.height ?? 0;
  if (end < height) lost.push(`the ledger ends at ${end}, not ${height}`);
  const unreadable = course.blocks.flatMap((block, index) => (block instanceof Error ? [index + 1] : []));
  if (unreadable.length > 0) lost.push(`blocks ${unreadable.join(", ")} cannot be read`);
  if (course.nextSequence < nextSequence)
    lost.push(`the next reading is ${course.nextSequence}, not ${nextSequence}`);
  const gone = [...pending].filter((sequence) => !course.pending.has(sequence));
  if (gone.length > 0 && end <= chain.length) lost.push(`readings ${gone.join(", ")} left the outbox`);
  return lost;
}

/** The data directory is another one: a copy. */
function isSameConfig({ config }: Sound, found: Config): boolean {
  const without = ({ dataDirectory, genesisFile, api, lines, ...rest }: Config) => ({
    ...rest,
    lines: lines.map(({ port, ...line }) => line),
  });
  return isDeepStrictEqual(without(config), without(found));
}

function placeOf({ kind, height, round }: Message): string {
  return `${kind} at height ${height}, round ${round}`;
}
