import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeRegister } from "../../../../drivers/decode.ts";
import { planReads, type RegisterRead, wordsOf } from "../../../../drivers/plan.ts";
import { METER_DEFINITIONS, meterDefinition } from "../../../../drivers/registry.ts";
import type { CounterState } from "../../../../drivers/simulator/energyCounter.ts";
import { answerRead, type BankAnswer } from "../../../../drivers/simulator/registerBank.ts";

const SDM630 = meterDefinition("eastron-sdm630");
const STATE: CounterState = {
  virtualMinute: 0,
  powerW: -690,
  importMilliWh: 5_000_000_000n,
  exportMilliWh: 1_000_000n,
};
const test = suite("drivers/simulator/registerBank");

test("registers stand where the meter has them", () => {
  const answer = ask({ table: "input", address: 0x48, count: 4 });
  assert.equal(answer, { kind: "registers", words: [0x459c, 0x4000, 0x3f80, 0x0000] });
});

test("holes between registers read as zero", () => {
  assert.equal(ask({ table: "input", address: 0x36, count: 2 }), { kind: "registers", words: [0, 0] });
});

test("half of a register at the edge of a read is its own half", () => {
  const bank = { ...SDM630, readsInPairs: false };
  const answer = answerRead(bank, 1, STATE, { table: "input", address: 0x49, count: 2 });
  assert.equal(answer, { kind: "registers", words: [0x4000, 0x3f80] });
});

test("the serial number stands in the holding registers", () => {
  const read: RegisterRead = { table: "holding", address: 0xfc00, count: 2 };
  assert.equal(answerRead(SDM630, 20_239_784, STATE, read), { kind: "registers", words: [0x0134, 0xd5a8] });
});

const REFUSED: readonly (readonly [string, RegisterRead, number])[] = [
  ["an odd address", { table: "input", address: 1, count: 2 }, 3],
  ["an odd count", { table: "input", address: 0, count: 3 }, 3],
  ["more registers than the meter allows", { table: "input", address: 0, count: 62 }, 3],
  ["no registers", { table: "input", address: 0, count: 0 }, 3],
  ["an address beyond the last", { table: "input", address: 0x200, count: 2 }, 2],
  ["a read that leaves the map", { table: "input", address: 0x16a, count: 4 }, 2],
  ["an input register among the holding ones", { table: "holding", address: 0x48, count: 2 }, 2],
];
for (const [why, read, code] of REFUSED)
  test(`refused with exception ${code}: ${why}`, () => {
    assert.equal(ask(read), { kind: "exception", code });
  });

for (const definition of METER_DEFINITIONS)
  test(`what ${definition.id} serves, its own definition decodes`, () => {
    const answers = planReads(definition, definition.registers).map((read) => {
      const answer = answerRead(definition, 1, STATE, read);
      return { read, words: answer.kind === "registers" ? answer.words : [] };
    });
    for (const register of definition.registers) {
      const words = wordsOf(answers, register);
      assert.ok(words, register.quantity);
      const decoded = decodeRegister(register, words, definition.wordOrder);
      assert.is.not(decoded.kind, "absent", register.quantity);
      if (register.quantity === "activePower")
        assert.is(Number((decoded as { value: number }).value.toFixed(3)), -690);
      if (decoded.kind === "cumulative" && register.quantity === "activeEnergyImport")
        assert.ok(5_000_000n - decoded.value <= BigInt(decoded.resolutionMilli), `${decoded.value}`);
    }
  });

test("a code that is read alone is answered alone, and not within a block", () => {
  const em340 = meterDefinition("carlo-gavazzi-em300");
  const alone: RegisterRead = { table: "input", address: 0x0b, count: 1 };
  assert.equal(answerRead(em340, 1, STATE, alone), { kind: "registers", words: [331] });
  const block = answerRead(em340, 1, STATE, { table: "input", address: 0x0a, count: 4 });
  assert.is(block.kind === "registers" && block.words[1], 0);
});

test("a meter with an unsigned pair of powers shows export in its second", () => {
  const dzg = meterDefinition("dzg-dvh4013");
  const answer = answerRead(dzg, 1, STATE, { table: "holding", address: 0, count: 4 });
  assert.equal(answer, { kind: "registers", words: [0, 0, 0, 6900] });
});

test("the phases of a three-phase meter share the power", () => {
  const answer = ask({ table: "input", address: 0x0c, count: 6 });
  assert.equal(answer, { kind: "registers", words: [0xc366, 0, 0xc366, 0, 0xc366, 0] });
});

test.run();

function ask(read: RegisterRead): BankAnswer {
  return answerRead(SDM630, 1, STATE, read);
}
