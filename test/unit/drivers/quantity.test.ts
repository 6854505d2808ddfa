import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  isQuantity,
  QUANTITIES,
  type Quantity,
  quantityFacts,
  reversedQuantity,
  SETTLED_QUANTITIES,
} from "../../../drivers/quantity.ts";

const ALL = Object.keys(QUANTITIES) as Quantity[];
const test = suite("drivers/quantity");

test("the settled quantities carry their OBIS codes", () => {
  assert.equal(
    SETTLED_QUANTITIES.map((quantity) => quantityFacts(quantity).obis),
    ["1-0:1.8.0", "1-0:2.8.0", "1-0:16.7.0"],
  );
});

test("no two quantities share an OBIS code", () => {
  const codes = ALL.map((quantity) => quantityFacts(quantity).obis).filter((obis) => obis !== null);
  assert.is(new Set(codes).size, codes.length);
});

test("reversing twice gives the quantity back, and keeps its unit and kind", () => {
  for (const quantity of ALL) {
    const reversed = reversedQuantity(quantity);
    assert.is(reversedQuantity(reversed), quantity);
    assert.is(quantityFacts(reversed).unit, quantityFacts(quantity).unit);
    assert.is(quantityFacts(reversed).kind, quantityFacts(quantity).kind);
  }
});

test("import reversed is export, of the whole meter and of each phase", () => {
  assert.is(reversedQuantity("activeEnergyImport"), "activeEnergyExport");
  assert.is(reversedQuantity("activeEnergyExportL2"), "activeEnergyImportL2");
  assert.is(reversedQuantity("reactiveEnergyImport"), "reactiveEnergyExport");
  assert.is(reversedQuantity("voltageL1"), "voltageL1");
});

test("a name outside the list is no quantity, not even one every object has", () => {
  assert.not.ok(isQuantity("energy"));
  assert.not.ok(isQuantity("toString"));
});

test.run();
