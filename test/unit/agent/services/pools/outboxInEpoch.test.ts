/** What waits for a block when an epoch ends is signed again in the next one, and stays what it is. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decode } from "../../../../../agent/core/codec.ts";
import { hashOf } from "../../../../../agent/core/hash.ts";
import {
  encodeTransaction,
  signedTransaction,
  transactionSignBytes,
} from "../../../../../agent/core/ledger/state/transaction.ts";
import {
  encodeReading,
  readingSignBytes,
  signedReading,
} from "../../../../../agent/core/metering/reading.ts";
import { height } from "../../../../../agent/core/units.ts";
import { readingsInEpoch, transactionsInEpoch } from "../../../../../agent/services/pools/outboxInEpoch.ts";
import {
  measured,
  memberNamed,
  signTransaction,
  testContext,
  testReading,
  verify,
} from "../../../../support/chainBuilder.ts";
import { emptyOutboxDisk, memoryOutbox } from "../../../../support/memoryOutbox.ts";
import { signerOf } from "../../../../support/memoryStreet.ts";

const test = suite("outbox in an epoch");
const context = testContext(1);
const signer = signerOf("dep1");
const chainId = hashOf(new TextEncoder().encode("the next epoch"));
const modules = { signer, verify, roster: { chainId, epoch: 1 } };
const reading = testReading(context, "dep1", measured([500, 100]));
const transaction = signTransaction(context, {
  signer: memberNamed(context, "dep1").id,
  sequence: 1,
  content: { kind: "present" },
});

async function outboxWith(bytes: Uint8Array) {
  const disk = emptyOutboxDisk();
  const outbox = memoryOutbox(disk);
  await outbox.append({ sequence: 1, bytes });
  return { disk, outbox };
}

test("a reading says the same under a signature of the epoch; the disk is not touched", async () => {
  const old = encodeReading(reading);
  const { disk, outbox } = await outboxWith(old);
  const [entry] = (await readingsInEpoch(outbox, modules)).pending();
  const read = decode(entry?.bytes ?? old, signedReading, 512);
  assert.is(read.kind, "accept");
  if (read.kind !== "accept") return;
  assert.equal(read.value.reading, reading.reading);
  assert.is(
    verify(signer.publicKey, readingSignBytes(reading.reading, chainId, 1), read.value.signature),
    true,
  );
  assert.equal(disk.pending.get(1)?.bytes, old);
});

test("so does a transaction", async () => {
  const { outbox } = await outboxWith(encodeTransaction(transaction));
  const [entry] = (await transactionsInEpoch(outbox, modules)).pending();
  const read = decode(entry?.bytes ?? new Uint8Array(), signedTransaction, 8_192);
  assert.is(read.kind, "accept");
  if (read.kind !== "accept") return;
  const message = transactionSignBytes(transaction.transaction, chainId, 1);
  assert.is(verify(signer.publicKey, message, read.value.signature), true);
});

test("what the epoch signed already, and what it adds, goes out as it is; what a block took is gone", async () => {
  const { outbox } = await outboxWith(encodeReading(reading));
  const again = await readingsInEpoch(outbox, modules);
  const bytes = again.pending()[0]?.bytes ?? new Uint8Array();
  await again.append({ sequence: 2, bytes });
  assert.is(again.pending()[1]?.bytes.toString(), bytes.toString());
  await again.release({ sequence: 1, height: height(1), blockHash: chainId });
  assert.equal(
    again.pending().map(({ sequence }) => sequence),
    [2],
  );
});

test("in the first epoch there is nothing to sign again", async () => {
  const { outbox } = await outboxWith(encodeReading(reading));
  assert.is(await readingsInEpoch(outbox, { ...modules, roster: context.roster }), outbox);
});

test.run();
