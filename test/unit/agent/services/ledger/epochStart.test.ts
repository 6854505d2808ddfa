/** A start with the genesis of a later epoch: a chain that was given up is refused, the adopted block is committed. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judgeReport } from "../../../../../agent/core/ledger/chain/judgeReport.ts";
import { planRecovery } from "../../../../../agent/core/ledger/chain/recover.ts";
import { chainContext, type LedgerContext } from "../../../../../agent/core/ledger/state/context.ts";
import { encodeState } from "../../../../../agent/core/ledger/state/state.ts";
import type { AdoptedBlock } from "../../../../../agent/core/membership/genesisFile.ts";
import { openInEpoch } from "../../../../../agent/services/ledger/epochStart.ts";
import { LedgerService } from "../../../../../agent/services/ledger/ledger.ts";
import {
  ChainBuilder,
  memberNamed,
  testContext,
  testEnrolment,
  testGenesis,
  verify,
} from "../../../../support/chainBuilder.ts";
import { eventLog } from "../../../../support/eventLog.ts";
import { failsWith } from "../../../../support/failure.ts";
import { memoryOutbox } from "../../../../support/memoryOutbox.ts";
import { memoryStore } from "../../../../support/memoryStore.ts";
import { preparedOf, reportBy, reportedChain, signRecovery } from "../../../../support/recoveryCases.ts";

const test = suite("openInEpoch");
const context = testContext(2);
const genesis = testGenesis(["dep1", "dep2"].map((name) => testEnrolment(name)));

/** A chain of some empty blocks. */
function chainOf(blocks: number): ChainBuilder {
  const chain = new ChainBuilder(context);
  for (let count = 0; count < blocks; count += 1) chain.settle([{}]);
  return chain;
}

/** The chain after a recovery at height 2; with a block that was prepared above, or another in its place. */
function recovered(
  isPrepared: boolean,
  change: (adopted: AdoptedBlock) => AdoptedBlock = (same) => same,
): LedgerContext {
  const chain = chainOf(2);
  const prepared = isPrepared ? preparedOf(context, chain.assemble([{}])) : null;
  const judged = judgeReport(reportedChain(chain), reportBy(chain, "dep1", { prepared }));
  if (judged.kind !== "accept") throw new Error(judged.code);
  const plan = planRecovery(reportedChain(chain), [judged.value], []);
  if (plan.kind !== "accept") throw new Error(plan.code);
  const { recovery, adopted } = plan.value;
  const carried = adopted === null ? null : change(adopted);
  return chainContext({ genesis, recoveries: [signRecovery(recovery)], adopted: carried }, verify);
}

/** Opens a gateway that has so many blocks of the first epoch. @returns its height and head then */
async function opened(next: LedgerContext, blocks: number) {
  const chain = chainOf(blocks);
  const store = memoryStore();
  for (const [index, entry] of chain.entries.entries()) {
    const state = chain.blocks[index]?.state;
    if (state !== undefined) await store.commit(entry, encodeState(state));
  }
  const self = memberNamed(context, "dep1").id;
  const ledger = new LedgerService({
    context: next,
    store,
    outbox: memoryOutbox(),
    logger: eventLog(),
    self,
  });
  await openInEpoch(ledger, store, next);
  const { height, head } = ledger.state;
  return { height: Number(height), head, certificate: ledger.headCertificate };
}

test("a chain that ends where the new epoch goes on is opened; no certificate stands below the next block", async () => {
  const { height, certificate } = await opened(recovered(false), 2);
  assert.is(height, 2);
  assert.is(certificate, null);
});

test("the adopted block is committed at once", async () => {
  const next = recovered(true);
  const { height, head } = await opened(next, 2);
  assert.is(height, 3);
  assert.is(head, next.epoch.recovery?.prepared?.hash);
});

test("a gateway that had decided it goes on, and one that is behind waits for the others' blocks", async () => {
  assert.is((await opened(recovered(true), 3)).height, 3);
  assert.is((await opened(recovered(true), 1)).height, 1);
});

test("blocks above where the new epoch goes on were given up", async () => {
  await failsWith(() => opened(recovered(false), 3), "LEDGER_GIVEN_UP");
});

test("a block that is not the one that the recovery names is refused", async () => {
  const other = chainOf(2).entries[1]?.block ?? new Uint8Array();
  await failsWith(
    () =>
      opened(
        recovered(true, (adopted) => ({ ...adopted, block: other })),
        2,
      ),
    "GENESIS_REFUSED",
  );
  const unproven = recovered(true, (adopted) => ({ ...adopted, certificate: Uint8Array.of(0) }));
  await failsWith(() => opened(unproven, 2), "GENESIS_REFUSED");
});

test.run();
