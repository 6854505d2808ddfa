/** The first interval that a restarted gateway may state. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { LedgerState } from "../../../../agent/core/ledger/state.ts";
import { encodeReading } from "../../../../agent/core/metering/reading.ts";
import { intervalIndex, wh } from "../../../../agent/core/units.ts";
import { firstUnstated } from "../../../../agent/services/firstUnstated.ts";
import {
  FIRST_INTERVAL,
  measured,
  memberNamed,
  testContext,
  testReading,
} from "../../../support/chainBuilder.ts";

const unstated = suite("first unstated interval");

const context = testContext(2);
const { id } = memberNamed(context, "dep1");

const outboxOf = (...offsets: readonly number[]) => ({
  pending: () =>
    offsets.map((offset, index) => {
      const interval = intervalIndex(FIRST_INTERVAL + offset);
      const signed = testReading(context, "dep1", measured([1, 1]), { interval, sequence: index + 1 });
      return { sequence: index + 1, bytes: encodeReading(signed) };
    }),
});

function stateWith(settled: number | null): Pick<LedgerState, "members"> {
  const interval = intervalIndex(FIRST_INTERVAL + (settled ?? 0));
  const last =
    settled === null ? null : { interval, sequence: 1, registers: [], measuredInterval: null, carry: wh(0n) };
  const totals = { generated: wh(0n), consumed: wh(0n), sold: wh(0n), bought: wh(0n) };
  return { members: new Map([[id, { last, totals }]]) };
}

const firstOf = (pending: readonly number[], settled: number | null): number =>
  firstUnstated(id, outboxOf(...pending), stateWith(settled));

unstated("is any one of a gateway that never said anything", () => {
  assert.is(firstOf([], null), 0);
});

unstated("follows the last one settled", () => {
  assert.is(firstOf([], 4), FIRST_INTERVAL + 5);
});

unstated("follows the last one in the outbox, in whatever order they were stated", () => {
  assert.is(firstOf([7, 900, 8], 4), FIRST_INTERVAL + 901);
  assert.is(firstOf([2], 4), FIRST_INTERVAL + 5);
});

unstated("passes over what is no reading: the journal has judged it already", () => {
  const outbox = { pending: () => [{ sequence: 1, bytes: Uint8Array.of(0xff) }] };
  assert.is(firstUnstated(id, outbox, stateWith(null)), 0);
});

unstated.run();
