/** Whatever stands in a definition file: it is refused by faults, or it can be read within its limits. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ConfigError } from "../../../../agent/config/configError.ts";
import { parseDefinition } from "../../../../agent/config/definitionFile.ts";
import { decodeRegister } from "../../../../drivers/decode.ts";
import { defineMeter, type MeterDefinition, registerPlaces } from "../../../../drivers/definition.ts";
import { DEFINITION_GRAMMAR } from "../../../../drivers/definitionSummary.ts";
import { covers, planReads, wordsOf } from "../../../../drivers/plan.ts";
import { termsOf } from "../../../../drivers/register.ts";

const SOUND = {
  id: "acme-m1",
  maker: "Acme",
  model: "M1",
  wordOrder: "most-significant-first",
  addressOffset: -1,
  maxRegistersPerRead: 40,
  maxGapRegisters: 4,
  readsInPairs: false,
  serial: { baudRate: 9600, parity: "none", unitId: 1, source: "manual" },
  timing: { thinkTimeMs: 10, answerTimeoutMs: 100 },
  identification: {
    meterSerial: { table: "holding", address: 100, type: "text", registers: 4, source: "manual" },
    model: {
      table: "input",
      address: 12,
      type: "u16",
      readAlone: true,
      source: "manual",
      matches: [{ value: 7, name: "M1" }],
    },
  },
  defaults: { table: "input", type: "u32", source: "manual", absent: { unsigned: ["all-ones"] } },
  registers: [
    { quantity: "activeEnergyImport", address: 11, toUnit: 10, plus: [31], optional: "marked" },
    { quantity: "activeEnergyExport", address: 15, scaleFactorAt: 21 },
    { quantity: "activePower", address: 17, type: "i16", positiveIs: "export", minus: [18] },
  ],
};
const NUMBERS = [0, 1, -1, 2, 11, 12, 13, 16, 17, 125, 126, 65_535, 65_536, 465_536, 0.1, 2.5, 1e308, -0];
const WORDS = [
  "u16",
  "f32",
  "f64",
  "text",
  "input",
  "holding",
  "export",
  "marked",
  "refused",
  "activePower",
  "",
  "x",
  "\u001b[2J",
];

const test = suite("config/definitionFile");

test("a changed definition is refused with faults that have a place and a fix, or reads within its limits", () => {
  const value = fc.oneof(
    fc.constantFrom<unknown>(...NUMBERS, ...WORDS, null, true, [], {}, ["zero"]),
    fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 9 }),
  );
  const change = fc.record({ at: fc.nat(10_000), value, removes: fc.boolean() });
  let accepted = 0;
  const property = fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
    const text = JSON.stringify(changes.reduce<unknown>(changed, SOUND));
    try {
      readable(defineMeter(parseDefinition(text, "/own.yaml", DEFINITION_GRAMMAR)));
      accepted++;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      assert.is(error.code, "DEFINITION_INVALID");
      assert.ok(error.faults.length > 0);
      for (const { line, column, message, fix } of error.faults)
        assert.ok(line >= 1 && column >= 1 && message !== "" && fix !== "");
    }
  });
  fc.assert(property, { numRuns: 500 });
  assert.ok(accepted > 10, `only ${accepted} were accepted: the property shows too little`);
});

test("whatever YAML stands in the file, it is refused by faults", () => {
  for (const text of [
    "",
    "- 1",
    "42",
    "null",
    "a: &a [*a]",
    "{".repeat(500),
    "registers: 1\nregisters: 2",
    "!!js/function x",
  ]) {
    try {
      parseDefinition(text, "/own.yaml", DEFINITION_GRAMMAR);
      assert.unreachable(text);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      assert.ok(error.faults.length > 0, text);
    }
  }
});

test.run();

/** Changes or removes the value at one of the places of a definition. */
function changed(definition: unknown, change: { at: number; value: unknown; removes: boolean }): unknown {
  const copy = structuredClone(definition);
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const visit = (holder: unknown): void => {
    if (typeof holder !== "object" || holder === null) return;
    for (const [key, inner] of Object.entries(holder)) {
      places.push({ holder: holder as Record<string, unknown>, key });
      visit(inner);
    }
  };
  visit(copy);
  const place = places[change.at % places.length];
  if (place === undefined) return copy;
  if (change.removes && !Array.isArray(place.holder)) delete place.holder[place.key];
  else place.holder[place.key] = change.value;
  return copy;
}

function readable(definition: MeterDefinition): void {
  const places = [...definition.registers, ...registerPlaces(definition)];
  const reads = planReads(definition, places);
  for (const { address, count } of reads) {
    assert.ok(count >= 1 && count <= definition.maxRegistersPerRead);
    assert.ok(address >= 0 && address + count <= 0x10000);
  }
  for (const place of registerPlaces(definition)) assert.ok(reads.some((read) => covers(read, place)));
  const answers = reads.map((read) => ({ read, words: new Array<number>(read.count).fill(0xffff) }));
  for (const register of definition.registers) {
    const words = wordsOf(answers, register);
    assert.ok(words !== null && words.length >= termsOf(register).length);
    decodeRegister(register, words ?? [], definition.wordOrder);
  }
}
