import { suite } from "uvu";
import * as assert from "uvu/assert";
import { applyFault, delayOf, type Fault } from "../../../../drivers/simulator/fault.ts";

/** The maker's worked example: 230.2 V in two input registers of unit 1. */
const ANSWER = "010404436633341b38";

const test = suite("drivers/simulator/fault");

/** Written by hand; the checks of the changed frames by another implementation of the CRC (pymodbus). */
const CASES: readonly (readonly [Fault, string])[] = [
  [{ kind: "none" }, ANSWER],
  [{ kind: "silent" }, ""],
  [{ kind: "late", byMs: 9 }, ANSWER],
  [{ kind: "spoiled" }, "010404536633341b38"],
  [{ kind: "bad-crc" }, "01040443663334e4c7"],
  [{ kind: "noise" }, `00ff55${ANSWER}`],
  [{ kind: "trailing" }, `${ANSWER}00ff55`],
  [{ kind: "truncated" }, "01040443"],
  [{ kind: "byte-by-byte", pauseMs: 3 }, ANSWER],
  [{ kind: "wrong-unit", unitId: 7 }, "070404436633347d38"],
  [{ kind: "exception", code: 6 }, "018406c302"],
];

for (const [fault, onWire] of CASES)
  test(`${fault.kind} puts on the wire what its name says`, () => {
    assert.is(hex(applyFault(Buffer.from(ANSWER, "hex"), fault)), onWire);
  });

test("only a late answer is delayed", () => {
  assert.equal(
    CASES.map(([fault]) => delayOf(fault)).filter((delayMs) => delayMs > 0),
    [9],
  );
});

test("byte by byte is one burst a byte, with a pause before each", () => {
  const bursts = applyFault(Buffer.from(ANSWER, "hex"), { kind: "byte-by-byte", pauseMs: 3 });
  assert.equal(
    bursts.map(({ afterMs, bytes }) => [afterMs, bytes.length]),
    Array.from({ length: 9 }, () => [3, 1]),
  );
});

test.run();

function hex(bursts: ReturnType<typeof applyFault>): string {
  return bursts.map(({ bytes }) => Buffer.from(bytes).toString("hex")).join("");
}
