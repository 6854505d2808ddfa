/**
 * A process that fills an outbox until it is killed. Each line on stdout is one promise: `boot N`, `kept N`, `freed N`
 * – written only after the outbox returned. Arguments: path, size of the file in bytes.
 */
import { writeSync } from "node:fs";
import { openOutbox } from "../../agent/adapters/journal/fileOutbox.ts";
import { hashOf } from "../../agent/core/hash.ts";
import { height } from "../../agent/core/units.ts";

const [path, capacityBytes] = process.argv.slice(2);
if (path === undefined) throw new Error("usage: outboxChild.ts PATH CAPACITY_BYTES");

const outbox = await openOutbox(path, { capacityBytes: Number(capacityBytes) });
tell(`boot ${outbox.boot}`);
for (;;) {
  const sequence = outbox.nextSequence();
  await outbox.append({ sequence, bytes: new Uint8Array(300 + (sequence % 700)).fill(sequence % 251) });
  tell(`kept ${sequence}`);
  const oldest = outbox.pending()[0];
  if (oldest === undefined || outbox.pending().length <= 10) continue;
  await outbox.release({
    sequence: oldest.sequence,
    height: height(oldest.sequence),
    blockHash: hashOf(oldest.bytes),
  });
  tell(`freed ${oldest.sequence}`);
}

function tell(promise: string): void {
  writeSync(1, `${promise}\n`);
}
