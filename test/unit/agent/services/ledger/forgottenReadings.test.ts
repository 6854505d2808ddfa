/** An outbox that lost its end must not give a number twice. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type LedgerState, NEW_MEMBER } from "../../../../../agent/core/ledger/state/state.ts";
import { skipForgotten } from "../../../../../agent/services/ledger/forgottenReadings.ts";
import { memberNamed, testContext } from "../../../../support/chainBuilder.ts";
import { eventLog } from "../../../../support/eventLog.ts";
import { emptyOutboxDisk, memoryOutbox } from "../../../../support/memoryOutbox.ts";

const forgotten = suite("forgotten readings");

const { id } = memberNamed(testContext(2), "dep1");

function stateWith(sequence: number): Pick<LedgerState, "members"> {
  return { members: new Map([[id, { ...NEW_MEMBER, sequence }]]) };
}

async function numberAfter(nextSequence: number, settled: number) {
  const outbox = memoryOutbox({ ...emptyOutboxDisk(), nextSequence });
  const log = eventLog();
  await skipForgotten(id, outbox, stateWith(settled), log);
  return { next: outbox.nextSequence(), events: log.events.map(({ event }) => event) };
}

forgotten("an outbox that knows more than the blocks goes on as it is", async () => {
  assert.equal(await numberAfter(8, 7), { next: 8, events: [] });
});

forgotten(
  "one that has lost a settled reading skips every number it may have given, and says so",
  async () => {
    assert.equal(await numberAfter(7, 7), { next: 7 + 4_096 + 1, events: ["outbox.forgot-readings"] });
    assert.equal(await numberAfter(1, 40), { next: 40 + 4_096 + 1, events: ["outbox.forgot-readings"] });
  },
);
forgotten.run();
