/** Which configured meter takes which place of the enrolment, before and after a swap. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { genesisState } from "../../../../../agent/core/ledger/state/context.ts";
import { encodeState } from "../../../../../agent/core/ledger/state/state.ts";
import type { MeterRole } from "../../../../../agent/core/membership/enrolment.ts";
import { withMeter } from "../../../../../agent/core/membership/rosterDelta.ts";
import { height } from "../../../../../agent/core/units.ts";
import type { StoredHead } from "../../../../../agent/ports/ledgerStore.ts";
import { placedMeters } from "../../../../../agent/services/metering/placedMeters.ts";
import { memberNamed, testContext } from "../../../../support/chainBuilder.ts";
import { failsWith } from "../../../../support/failure.ts";

const context = testContext(2);
const self = memberNamed(context, "dep1");

type Line = {
  readonly config: { readonly meters: readonly { readonly role: MeterRole; readonly serial: string }[] };
  readonly line: string;
};

const configured = (...serials: readonly [generation: string, consumption: string]): readonly Line[] => [
  { config: { meters: [{ role: "consumption", serial: serials[1] }] }, line: "B" },
  { config: { meters: [{ role: "generation", serial: serials[0] }] }, line: "A" },
];
const headWith = (state: Uint8Array): StoredHead => ({
  height: height(1),
  blockHash: "0".repeat(64) as never,
  state,
});
const swapped = (() => {
  const state = genesisState(context);
  const roster = withMeter(state.roster, { member: self.id, meter: 1, serial: "777" });
  return headWith(encodeState({ ...state, roster }));
})();
const placesOf = async (head: () => Promise<StoredHead | null>, lines: readonly Line[]) =>
  (await placedMeters(self, { head }, lines)).map(({ meter, line }) => `${line} ${meter.serial}`);

const test = suite("places of the enrolment");

test("are taken by role and enrolled serial number, whatever the order of the lines", async () => {
  assert.equal(await placesOf(async () => null, configured("dep1-1", "dep1-2")), ["A dep1-1", "B dep1-2"]);
});

test("that no configured meter fits are named", async () => {
  const failure = await failsWith(
    () => placesOf(async () => null, configured("dep1-1", "777")),
    "METER_NOT_CONFIGURED",
  );
  assert.equal([failure.detail.serial, failure.detail.role], ["dep1-2", "consumption"]);
});

test("that a swap has changed are taken by the old serial number or the new, and no third", async () => {
  const head = async () => swapped;
  assert.equal(await placesOf(head, configured("dep1-1", "777")), ["A dep1-1", "B 777"]);
  assert.equal(await placesOf(head, configured("dep1-1", "dep1-2")), ["A dep1-1", "B dep1-2"]);
  await failsWith(() => placesOf(head, configured("dep1-1", "778")), "METER_NOT_CONFIGURED");
  await failsWith(() => placesOf(head, configured("777", "777")), "METER_NOT_CONFIGURED");
});

test("are taken by role alone while the ledger cannot be read: it is about to be fetched again", async () => {
  const broken = [async () => headWith(Uint8Array.of(1)), () => Promise.reject(new Error("damaged"))];
  for (const head of broken) assert.equal(await placesOf(head, configured("x", "777")), ["A x", "B 777"]);
});

test.run();
