/** What a DSO proposes: every ended interval, every reading that may be settled, within bounds. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeBlock } from "../../../../../agent/core/ledger/blocks/block.ts";
import { judgeBlock } from "../../../../../agent/core/ledger/blocks/judgeBlock.ts";
import { intervalEndMs } from "../../../../../agent/core/metering/interval.ts";
import { intervalIndex, round, unixMs } from "../../../../../agent/core/units.ts";
import { buildProposal, cutOffMs } from "../../../../../agent/services/agreement/dso.ts";
import { readingPool } from "../../../../../agent/services/pools/readingPool.ts";
import { transactionPool } from "../../../../../agent/services/pools/transactionPool.ts";
import {
  ChainBuilder,
  FIRST_INTERVAL,
  measured,
  testContext,
  testReading,
} from "../../../../support/chainBuilder.ts";
import { recallOf } from "../../../../support/testCertificates.ts";

const INTERVAL_MS = 900_000;
const GRACE_MS = 30_000;

/** A chain of one block, a pool with readings of the next intervals, and a DSO at some instant. */
function world(gateways = 4, filled = 0) {
  const context = testContext(gateways);
  const chain = new ChainBuilder(context);
  chain.settle([{ dep1: [500, 100] }]);
  const pool = readingPool(() => 0);
  const did = Object.fromEntries(
    context.roster.members.map(({ name }, index) => [name, [index * 10, 30]] as const),
  );
  for (let steps = 1; steps <= filled; steps += 1)
    for (const one of chain.readings(intervalIndex(FIRST_INTERVAL + steps), did)) pool.add(one);
  const propose = (nowMs: number, atRound = 0) =>
    buildProposal({
      context,
      state: chain.state,
      headCertificate: chain.headCertificate,
      pool,
      transactions: transactionPool(context, () => 0),
      round: round(atRound),
      justification:
        atRound === 0 ? null : { roundChanges: recallOf(context, chain.state, atRound), prepared: null },
      nowMs: unixMs(nowMs),
    });
  return { context, chain, pool, propose };
}

const cutOffOf = (steps: number) =>
  intervalEndMs(intervalIndex(FIRST_INTERVAL + steps), INTERVAL_MS) + GRACE_MS;
const intervalsOf = ({ block }: ReturnType<ReturnType<typeof world>["propose"]>) =>
  block.body.intervals.map(({ interval }) => interval - FIRST_INTERVAL);

const office = suite("office of the DSO");

office("waits for the end of the interval and a tenth of it, at most 30 s", () => {
  const { context, chain } = world();
  assert.is(cutOffMs(context, chain.state), cutOffOf(1));
});

office("proposes one interval at its cut-off, also without readings, and judges its own block right", () => {
  const { context, chain, propose } = world();
  const proposal = propose(cutOffOf(1));
  assert.equal(intervalsOf(proposal), [1]);
  assert.is(judgeBlock(context, chain.state, encodeBlock(proposal.block), round(0)).kind, "accept");
});

office("proposes every interval whose cut-off has passed", () => {
  const { propose } = world();
  assert.equal(intervalsOf(propose(cutOffOf(3) - 1)), [1, 2]);
  assert.equal(intervalsOf(propose(cutOffOf(3))), [1, 2, 3]);
});

office("proposes at most a day of quarters of an hour", () => {
  const { propose } = world();
  assert.is(intervalsOf(propose(cutOffOf(500))).length, 96);
});

office("takes every pooled reading that may be settled, over several intervals", () => {
  const { context, chain, propose } = world(4, 3);
  const proposal = propose(cutOffOf(3));
  assert.equal(
    proposal.block.body.intervals.map(({ readings }) => readings.length),
    [4, 4, 4],
  );
  assert.is(judgeBlock(context, chain.state, encodeBlock(proposal.block), null).kind, "accept");
});

office("leaves out what may not be settled: replayed, forged, not going on from the registers before", () => {
  const { context, chain, pool, propose } = world();
  const interval = intervalIndex(FIRST_INTERVAL + 1);
  pool.add(testReading(context, "dep1", measured([1, 1]), { interval, sequence: 2 }));
  pool.add({
    ...testReading(context, "dep2", measured([1, 1]), { interval }),
    signature: new Uint8Array(64).fill(1),
  });
  const good = testReading(context, "dep3", measured([1, 1]), { interval });
  pool.add(good);
  const proposal = propose(cutOffOf(1));
  assert.equal(proposal.block.body.intervals[0]?.readings, [good]);
  assert.is(judgeBlock(context, chain.state, encodeBlock(proposal.block), null).kind, "accept");
});

office("is held under the recall of its round", () => {
  const { context, chain, propose } = world();
  const { block } = propose(cutOffOf(1), 2);
  assert.is(block.header.mandate, "recall");
  assert.is(judgeBlock(context, chain.state, encodeBlock(block), round(2)).kind, "accept");
});

office("proposes fewer intervals rather than a block too long to be sent", () => {
  const { context, chain, propose } = world(30, 60);
  const proposal = propose(cutOffOf(60));
  const count = proposal.block.body.intervals.length;
  assert.ok(count > 1 && count < 60, `${count} intervals`);
  assert.ok(encodeBlock(proposal.block).length <= 163_840);
  assert.is(judgeBlock(context, chain.state, encodeBlock(proposal.block), null).kind, "accept");
});

office.run();
