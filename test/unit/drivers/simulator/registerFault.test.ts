import { suite } from "uvu";
import * as assert from "uvu/assert";
import { eastronSdm630 } from "../../../../drivers/definitions/eastronSdm630.ts";
import {
  faultyDefinition,
  faultyState,
  type RegisterFault,
} from "../../../../drivers/simulator/registerFault.ts";

const SINCE = { virtualMinute: 10, powerW: 500, importMilliWh: 7_000_000n, exportMilliWh: 20_000n };
const NOW = { virtualMinute: 20, powerW: 600, importMilliWh: 7_100_000n, exportMilliWh: 25_000n };

const test = suite("drivers/simulator/registerFault");

const CASES: readonly (readonly [RegisterFault, readonly [importMilliWh: bigint, exportMilliWh: bigint]])[] =
  [
    [{ kind: "none" }, [7_100_000n, 25_000n]],
    [{ kind: "stuck-counter" }, [7_000_000n, 20_000n]],
    [{ kind: "reset" }, [100_000n, 5_000n]],
    [{ kind: "rollover", atWh: 7_050n }, [50_000n, 25_000n]],
    [{ kind: "swapped-words" }, [7_100_000n, 25_000n]],
  ];

for (const [fault, counters] of CASES)
  test(`${fault.kind}: the counters show what its name says, power goes on`, () => {
    const { importMilliWh, exportMilliWh, powerW } = faultyState(NOW, fault, SINCE);
    assert.equal([importMilliWh, exportMilliWh], counters);
    assert.is(powerW, 600);
  });

test("swapped words turn the order of the definition round, either way", () => {
  const once = faultyDefinition(eastronSdm630, { kind: "swapped-words" });
  assert.is(once.wordOrder, "least-significant-first");
  assert.is(faultyDefinition(once, { kind: "swapped-words" }).wordOrder, "most-significant-first");
  assert.is(faultyDefinition(eastronSdm630, { kind: "none" }), eastronSdm630);
});

test.run();
