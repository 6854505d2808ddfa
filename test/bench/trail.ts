/**
 * What a trail costs in a large street: bytes of an entry, pages, and how much longer following it takes than the checking
 * of its signatures alone. On paper, with real signatures; every second block changes who votes.
 *
 *     npx tsx test/bench/trail.ts [changes] [voters]
 */
import { limitsOf } from "../../agent/adapters/transport/limits.ts";
import { MAX_TRAIL, readTrailEntry } from "../../agent/core/ledger/chain/trailEntry.ts";
import { genesisState, type LedgerContext } from "../../agent/core/ledger/state/context.ts";
import type { Verify } from "../../agent/core/signature.ts";
import { height } from "../../agent/core/units.ts";
import { readSnapshotRequest } from "../../agent/core/wire/snapshotRequest.ts";
import { ENTRY_HEAD_BYTES } from "../../agent/core/wire/trailAnswer.ts";
import { answerTrail } from "../../agent/services/exchange/trailAnswerer.ts";
import { fetchTrail } from "../../agent/services/exchange/trailFetch.ts";
import { faultOfTrail } from "../../agent/services/ledger/storedTrail.ts";
import { ChainBuilder, memberNamed, testContext, testEnrolment, verify } from "../support/chainBuilder.ts";
import { diskOf, type PlannedChange, settleWith } from "../support/changedChain.ts";
import { liveClock } from "../support/liveClock.ts";
import { memoryStore } from "../support/memoryStore.ts";

const CHANGES = 256;
const VOTERS = 200;
const ROUNDS = 5;

const changes = Number(process.argv[2] ?? CHANGES);
const voters = Number(process.argv[3] ?? VOTERS);
const context = testContext(voters);
const chain = new ChainBuilder(context);
const kept = settleWith(chain, 2 * changes, plans());
const disk = diskOf(chain, kept);
const store = memoryStore(disk);
const sound = memoryStore({ ...disk, isSound: true });
const { frameBytes: maxAnswerBytes } = limitsOf(voters);

/** One member leaves, another comes in its place, and so on. */
function plans(): readonly PlannedChange[] {
  const everybody = testContext(voters + Math.ceil(changes / 2));
  return Array.from({ length: changes }, (_, index) => {
    const at = 1 + 2 * index;
    const leaver = voters + (index >> 1);
    return index % 2 === 0
      ? { at, change: { kind: "revoke", member: memberNamed(everybody, `dep${leaver}`).id } }
      : { at, change: { kind: "admit", enrolment: testEnrolment(`dep${leaver + 1}`), isVoter: true } };
  });
}

/** As somebody does who has nothing of this chain yet. */
async function follow(judging: LedgerContext): Promise<number> {
  let pages = 0;
  const ask = async (request: Uint8Array) => {
    const read = readSnapshotRequest(request, context.roster);
    if (read.kind !== "accept" || read.value.kind !== "trail") throw new Error("no request for a trail");
    pages += 1;
    return answerTrail({ context, store, maxAnswerBytes }, read.value);
  };
  const modules = { context: judging, state: genesisState(context), clock: liveClock, maxAnswerBytes, ask };
  const followed = await fetchTrail(modules, height(2 * changes));
  if (followed.kind !== "accept" || followed.value.changes.length !== changes)
    throw new Error("not followed");
  return pages;
}

function watching(seen: Verify): LedgerContext {
  return { ...context, voters: { ...context.voters, verify: seen } };
}

async function msOf(work: () => unknown): Promise<number> {
  const from = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1_000;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
const told = (values: readonly number[]) =>
  `${Math.min(...values)} to ${Math.max(...values)}, on average ${Math.round(values.reduce((a, b) => a + b) / values.length)}`;

const signatures: Parameters<Verify>[] = [];
const pages = await follow(
  watching((...signed) => {
    signatures.push(signed);
    return verify(...signed);
  }),
);
const rounds: {
  readonly raw: number;
  readonly follow: number;
  readonly open: number;
  readonly sound: number;
}[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const raw = await msOf(() => signatures.every((signed) => verify(...signed)));
  rounds.push({
    raw,
    follow: await msOf(() => follow(context)),
    open: await msOf(() => faultOfTrail({ context, store }, chain.state)),
    sound: await msOf(() => faultOfTrail({ context, store: sound }, chain.state)),
  });
}
const entries = kept.changes.map(({ entry }) => entry.length);
const certificates = kept.changes.map(({ entry }) => {
  const read = readTrailEntry(entry);
  return read.kind === "accept" ? read.value.certificate.length : 0;
});
const totalBytes = entries.reduce((sum, bytes) => sum + bytes, 0);
const meanBytes = totalBytes / changes;
const ofPage = Math.floor(maxAnswerBytes / (meanBytes + ENTRY_HEAD_BYTES));
const times = (part: "follow" | "open" | "sound") =>
  `${median(rounds.map((one) => one[part] / one.raw)).toFixed(2)} × that`;
for (const [what, found] of [
  ["street", `${voters} voters, ${changes} changes, ${signatures.length} signatures`],
  ["bytes of an entry", told(entries)],
  ["of that its certificate", told(certificates)],
  ["pages", `${pages} of at most ${maxAnswerBytes} B, ${totalBytes} B altogether`],
  [
    `${MAX_TRAIL} such entries`,
    `${Math.round(meanBytes * MAX_TRAIL)} B, ${Math.ceil(MAX_TRAIL / ofPage)} pages`,
  ],
  ["signatures alone", `${Math.round(median(rounds.map(({ raw }) => raw)))} ms of CPU`],
  ["followed", times("follow")],
  ["opened, stopped uncleanly", times("open")],
  ["opened, stopped cleanly", times("sound")],
] as const)
  console.log(`${what.padEnd(28)}${found}`);
