/** After each block a gateway offers what the block lacks of its own, and spans what nothing of its own fills. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { JournalError } from "../../../../../agent/adapters/journal/journalError.ts";
import { judgeBlock } from "../../../../../agent/core/ledger/blocks/judgeBlock.ts";
import type { Reading, SignedReading } from "../../../../../agent/core/metering/reading.ts";
import { publicKeyOf, signMessage } from "../../../../../agent/core/signature.ts";
import { intervalIndex } from "../../../../../agent/core/units.ts";
import type { Outbox } from "../../../../../agent/ports/outbox.ts";
import { LedgerService } from "../../../../../agent/services/ledger/ledger.ts";
import { LateReadings } from "../../../../../agent/services/metering/lateReadings.ts";
import { ownReadings } from "../../../../../agent/services/metering/ownReadings.ts";
import { readingPool } from "../../../../../agent/services/pools/readingPool.ts";
import {
  ChainBuilder,
  FIRST_INTERVAL,
  measuredFrom,
  memberNamed,
  testContext,
  testReading,
} from "../../../../support/chainBuilder.ts";
import { eventLog } from "../../../../support/eventLog.ts";
import { FakeClock } from "../../../../support/fakeClock.ts";
import { emptyOutboxDisk, memoryOutbox } from "../../../../support/memoryOutbox.ts";
import { memoryStore } from "../../../../support/memoryStore.ts";
import { secretKeyOf } from "../../../../support/memoryStreet.ts";
import { noEchoes } from "../../../../support/noEchoes.ts";
import { commitCertificate } from "../../../../support/testCertificates.ts";

const test = suite("own late readings");

const context = testContext(2);
const self = memberNamed(context, "dep1");
const START = 500n;
const at = (steps: number) => intervalIndex(FIRST_INTERVAL + steps);

/** dep1 as it runs, and a chain of which it commits one block after another. */
async function world(wrapOutbox: (outbox: Outbox) => Outbox = (outbox) => outbox) {
  const disk = emptyOutboxDisk();
  const log = eventLog();
  const clock = new FakeClock();
  const outbox = wrapOutbox(memoryOutbox(disk));
  const chain = new ChainBuilder(context);
  const ledger = new LedgerService({ context, store: memoryStore(), outbox, logger: log, self: self.id });
  await ledger.start();
  const secretKey = secretKeyOf("dep1");
  const signer = {
    publicKey: publicKeyOf(secretKey),
    sign: async (bytes: Uint8Array) => signMessage(secretKey, bytes),
  };
  const readings = ownReadings({ context, self: self.id, outbox, signer, echoes: noEchoes() });
  const pool = readingPool(() => 0);
  const told: SignedReading[] = [];
  const faults: unknown[] = [];
  const onReading = (signed: SignedReading) => {
    told.push(signed);
    pool.add(signed);
  };
  const onFault = (error: unknown) => void faults.push(error);
  const service = new LateReadings({
    context,
    self,
    ledger,
    pool,
    readings,
    clock,
    logger: log,
    onReading,
    onFault,
  });
  const commit = async (
    intervals: readonly (readonly SignedReading[])[],
    late: readonly SignedReading[] = [],
  ) => {
    const before = chain.state;
    const entry = chain.append(chain.assembleOf(intervals, 0, [], late));
    const judged = judgeBlock(context, before, entry.block, null);
    if (judged.kind !== "accept") throw new Error(judged.code);
    await ledger.commit(judged.value, commitCertificate(context, entry.height, entry.blockHash));
    await clock.advance(1);
  };
  return { chain, clock, commit, disk, faults, pool, readings, service, told };
}

const stated = (steps: number, since: number, advance = 1): SignedReading =>
  testReading(context, "dep1", contentOf(since, advance), { interval: at(steps), sequence: steps + 1 });
const contentOf = (since: number, advance = 1): Reading["content"] =>
  measuredFrom([START + BigInt(since), START + BigInt(since)], [advance, advance]);

test("spans an outage once it is over, and once only", async () => {
  const { chain, commit, disk, pool, service, told } = await world();
  service.start();
  await commit([[stated(0, 0)]]);
  await commit([[], [], []]);
  assert.equal(told, [], "its end is not known yet");
  await commit([[stated(4, 50)]]);
  assert.equal(
    told.map(({ reading }) => [reading.content.kind, reading.interval]),
    [["spanning", at(3)]],
  );
  assert.equal(pool.late(), told);
  await commit([[stated(5, 51)]]);
  assert.is(told.length, 1);
  await commit([[]], pool.late());
  assert.equal([...disk.pending.keys()], [], "settled, so it leaves the outbox");
  assert.equal(chain.state.members.get(self.id)?.totals.corrected, { generated: 49n, consumed: 49n });
  assert.equal(pool.late(), []);
});

test("offers a reading that missed its block, and spans around it what is left", async () => {
  const { chain, commit, readings, pool, service, told } = await world();
  service.start();
  await commit([[stated(0, 0)]]);
  const missed = await readings.state({ interval: at(2), time: "synchronised", content: contentOf(10) });
  if (missed === null) return assert.unreachable();
  await commit([[], [], []]);
  await commit([[stated(4, 50)]]);
  assert.equal(told, [], "no span while it waits");
  assert.equal(pool.late(), [missed]);
  await commit([[stated(5, 51)]], [missed]);
  assert.equal(
    told.map(({ reading: { content, interval } }) => content.kind === "spanning" && [content.from, interval]),
    [
      [at(1), at(1)],
      [at(3), at(3)],
    ],
  );
  await commit([[]], pool.late());
  assert.equal(chain.state.members.get(self.id)?.totals.corrected, { generated: 49n, consumed: 49n });
});

test("spans past a reading of its own whose registers no block can take, and is rid of it then", async () => {
  const { chain, commit, disk, readings, pool, service, told } = await world();
  service.start();
  await commit([[stated(0, 0)]]);
  // A clock that was set back gave the first interval of the outage to what was measured in its midst.
  await readings.state({ interval: at(1), time: "synchronised", content: contentOf(10) });
  await commit([[], [], []]);
  await commit([[stated(4, 50)]]);
  assert.equal(
    told.map(({ reading: { content, interval } }) => content.kind === "spanning" && [content.from, interval]),
    [[at(1), at(3)]],
  );
  assert.equal(pool.late(), told);
  assert.is(disk.pending.size, 2);
  await commit([[stated(5, 51)]], pool.late());
  assert.is(told.length, 1, "and nothing is left to span");
  assert.equal([...disk.pending.keys()], []);
  assert.equal(chain.state.members.get(self.id)?.totals.corrected, { generated: 49n, consumed: 49n });
});

test("spans past a reading of its own that another of its own voids", async () => {
  const { chain, commit, disk, readings, pool, service, told } = await world();
  service.start();
  await commit([[stated(0, 0)]]);
  await readings.state({ interval: at(2), time: "synchronised", content: contentOf(10) });
  await commit([[], [], []]);
  await commit([[stated(4, 50)]]);
  assert.equal(told, [], "no span while it may still be settled");
  pool.add(stated(2, 20));
  await commit([[stated(5, 51)]]);
  assert.equal(
    told.map(({ reading: { content, interval } }) => content.kind === "spanning" && [content.from, interval]),
    [[at(1), at(3)]],
  );
  await commit([[]], pool.late());
  assert.equal([...disk.pending.keys()], []);
  assert.equal(chain.state.members.get(self.id)?.totals.corrected, { generated: 49n, consumed: 49n });
});

test("spans after a restart what an earlier life left open", async () => {
  const { commit, service, told } = await world();
  await commit([[stated(0, 0)], [], [stated(2, 50)]]);
  service.start();
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(told.length, 1);
});

test("spans nothing where registers were reset, while the clock is not trusted, or when stopped", async () => {
  const reset = await world();
  reset.service.start();
  await reset.commit([[stated(0, 0)], [], [stated(2, -400)]]);
  assert.equal(reset.told, []);
  const untrusted = await world();
  untrusted.clock.setTrust("unsynchronised");
  untrusted.service.start();
  await untrusted.commit([[stated(0, 0)], [], [stated(2, 50)]]);
  assert.equal(untrusted.told, []);
  const stopped = await world();
  stopped.service.start();
  stopped.service.stop();
  await stopped.commit([[stated(0, 0)], [], [stated(2, 50)]]);
  assert.equal(stopped.told, []);
});

test("waits when the outbox is full, and reports any other failure of it", async () => {
  const failing = (error: Error) => (outbox: Outbox) => ({ ...outbox, append: () => Promise.reject(error) });
  const full = await world(failing(new JournalError("JOURNAL_FULL")));
  full.service.start();
  await full.commit([[stated(0, 0)], [], [stated(2, 50)]]);
  assert.equal([full.told, full.faults], [[], []]);
  const broken = new JournalError("JOURNAL_WRITE");
  const failed = await world(failing(broken));
  failed.service.start();
  await failed.commit([[stated(0, 0)], [], [stated(2, 50)]]);
  assert.equal(failed.faults, [broken]);
});

test.run();
