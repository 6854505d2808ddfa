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
import type { LedgerContext } from "../../agent/core/ledger/state/context.ts";
import { readWire } from "../../agent/core/wire.ts";
import type { StoredBlock } from "../../agent/ports/ledgerStore.ts";
import type { Course } from "./patient.ts";

/**
 * `refused` to start or ended, with a code that `explain` knows · `abstains` from voting and says why · `resynced` what
 * it lacked from its neighbours · `told` what it has lost and went on · `unaffected` · `setting` changed into another
 * valid one, which nothing can tell · `unclear` failed without a code · `silent` divergence.
 */
export const OUTCOMES = [
  "refused",
  "abstains",
  "resynced",
  "told",
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
/** Something that is gone, and the event that would say so. */
type Lost = { readonly text: string; readonly event: string };
const LEDGER_EVENT = "ledger.behind";
const READINGS_EVENT = "outbox.forgot-readings";
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
    return { outcome: "abstains", why: `${code}${lost.length > 0 ? ` (${textOf(lost)})` : ""}` };
  const words = events.filter(({ level }) => TELLING.has(level)).map(({ event }) => event);
  if (lost.length > 0) {
    const isTold = lost.every(({ event }) => words.includes(event));
    const why = `${textOf(lost)}; said: ${words.join(", ") || "nothing"}`;
    return { outcome: isTold ? "told" : "silent", why };
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
  const electors = context.voters.voters.map(({ id }) => id);
  return new Map(
    records.flatMap(({ payload }) => {
      const read = decodeVoteRecord(payload, electors);
      if (read.kind !== "accept") throw new Error(`the sound vote journal: ${read.code}`);
      return "vote" in read.value
        ? [[placeOf(read.value.vote.message), digestOf(read.value.vote.message)] as const]
        : [];
    }),
  );
}

function textOf(lost: readonly Lost[]): string {
  return lost.map(({ text }) => text).join("; ");
}

function failed(failure: unknown): Judged {
  const { code, exit } = explain(failure);
  return exit === EXIT_SOFTWARE
    ? { outcome: "unclear", why: `${code}: ${failure}` }
    : { outcome: "refused", why: code };
}

function contradictedVotes({ context, votes }: Sound, course: Course): readonly string[] {
  return course.votes.flatMap((bytes) => {
    const read = readWire("votes", bytes, context.roster.chainId, () => context.voters.voters);
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

function lostThings({ height, nextSequence, pending }: Sound, course: Course): readonly Lost[] {
  const end = course.status?.ledger.height ?? 0;
  const unreadable = course.blocks.flatMap((block, index) => (block instanceof Error ? [index + 1] : []));
  const gone = [...pending].filter((sequence) => !course.pending.has(sequence));
  const next = course.nextSequence;
  return [
    ...(end < height ? [{ text: `the ledger ends at ${end}, not ${height}`, event: LEDGER_EVENT }] : []),
    ...(unreadable.length > 0
      ? [{ text: `blocks ${unreadable.join(", ")} cannot be read`, event: LEDGER_EVENT }]
      : []),
    ...(next < nextSequence
      ? [{ text: `the next reading is ${next}, not ${nextSequence}`, event: READINGS_EVENT }]
      : []),
    ...(gone.length > 0
      ? [{ text: `readings ${gone.join(", ")} left the outbox`, event: READINGS_EVENT }]
      : []),
  ];
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
