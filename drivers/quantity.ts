/**
 * The closed list of what a meter can measure: unit, OBIS code, and what reversing the meter does to it.
 * OBIS codes stand only where the standard's code has exactly this meaning.
 *
 * @source IEC 62056-6-1:2017, clause 7 (electricity, value groups C and D)
 */

/**
 * How a quantity behaves:
 * `cumulative` grows unless somebody sets it back, is decoded exactly and floored, and changes places with its
 * counterpart in the other direction where there is one;
 * `directed` carries the direction of flow in its sign, + is import;
 * `plain` has no direction.
 */
export type QuantityKind = "cumulative" | "directed" | "plain";

/** What is fixed about one quantity. */
export type QuantityFacts = {
  readonly kind: QuantityKind;
  readonly unit: "Wh" | "varh" | "W" | "VA" | "var" | "V" | "A" | "Hz" | "1";
  readonly obis: string | null;
  /** The quantity that takes its place when the meter is mounted the other way round. */
  readonly reversed?: string;
};

/** Every quantity a definition may name. */
export const QUANTITIES = {
  activeEnergyImport: energy("1-0:1.8.0", "activeEnergyExport"),
  activeEnergyExport: energy("1-0:2.8.0", "activeEnergyImport"),
  activeEnergySum: energy("1-0:15.8.0", "activeEnergySum"),
  activeEnergyImportL1: energy("1-0:21.8.0", "activeEnergyExportL1"),
  activeEnergyImportL2: energy("1-0:41.8.0", "activeEnergyExportL2"),
  activeEnergyImportL3: energy("1-0:61.8.0", "activeEnergyExportL3"),
  activeEnergyExportL1: energy("1-0:22.8.0", "activeEnergyImportL1"),
  activeEnergyExportL2: energy("1-0:42.8.0", "activeEnergyImportL2"),
  activeEnergyExportL3: energy("1-0:62.8.0", "activeEnergyImportL3"),
  activeEnergySumL1: energy("1-0:35.8.0", "activeEnergySumL1"),
  activeEnergySumL2: energy("1-0:55.8.0", "activeEnergySumL2"),
  activeEnergySumL3: energy("1-0:75.8.0", "activeEnergySumL3"),
  activeEnergyImportPartial: partial("activeEnergyExportPartial"),
  activeEnergyExportPartial: partial("activeEnergyImportPartial"),
  reactiveEnergyImport: {
    kind: "cumulative",
    unit: "varh",
    obis: "1-0:3.8.0",
    reversed: "reactiveEnergyExport",
  },
  reactiveEnergyExport: {
    kind: "cumulative",
    unit: "varh",
    obis: "1-0:4.8.0",
    reversed: "reactiveEnergyImport",
  },
  activePower: { kind: "directed", unit: "W", obis: "1-0:16.7.0" },
  activePowerImport: { kind: "plain", unit: "W", obis: "1-0:1.7.0", reversed: "activePowerExport" },
  activePowerExport: { kind: "plain", unit: "W", obis: "1-0:2.7.0", reversed: "activePowerImport" },
  activePowerL1: { kind: "directed", unit: "W", obis: "1-0:36.7.0" },
  activePowerL2: { kind: "directed", unit: "W", obis: "1-0:56.7.0" },
  activePowerL3: { kind: "directed", unit: "W", obis: "1-0:76.7.0" },
  reactivePower: { kind: "directed", unit: "var", obis: null },
  reactivePowerL1: { kind: "directed", unit: "var", obis: null },
  reactivePowerL2: { kind: "directed", unit: "var", obis: null },
  reactivePowerL3: { kind: "directed", unit: "var", obis: null },
  apparentPower: { kind: "plain", unit: "VA", obis: "1-0:9.7.0" },
  apparentPowerL1: { kind: "plain", unit: "VA", obis: "1-0:29.7.0" },
  apparentPowerL2: { kind: "plain", unit: "VA", obis: "1-0:49.7.0" },
  apparentPowerL3: { kind: "plain", unit: "VA", obis: "1-0:69.7.0" },
  powerFactor: { kind: "directed", unit: "1", obis: "1-0:13.7.0" },
  powerFactorL1: { kind: "directed", unit: "1", obis: "1-0:33.7.0" },
  powerFactorL2: { kind: "directed", unit: "1", obis: "1-0:53.7.0" },
  powerFactorL3: { kind: "directed", unit: "1", obis: "1-0:73.7.0" },
  voltageL1: { kind: "plain", unit: "V", obis: "1-0:32.7.0" },
  voltageL2: { kind: "plain", unit: "V", obis: "1-0:52.7.0" },
  voltageL3: { kind: "plain", unit: "V", obis: "1-0:72.7.0" },
  currentL1: { kind: "plain", unit: "A", obis: "1-0:31.7.0" },
  currentL2: { kind: "plain", unit: "A", obis: "1-0:51.7.0" },
  currentL3: { kind: "plain", unit: "A", obis: "1-0:71.7.0" },
  dcPower: { kind: "plain", unit: "W", obis: null },
  dcPower1: { kind: "plain", unit: "W", obis: null },
  dcPower2: { kind: "plain", unit: "W", obis: null },
  dcPower3: { kind: "plain", unit: "W", obis: null },
  dcPower4: { kind: "plain", unit: "W", obis: null },
  dcEnergy1: { kind: "cumulative", unit: "Wh", obis: null },
  dcEnergy2: { kind: "cumulative", unit: "Wh", obis: null },
  dcEnergy3: { kind: "cumulative", unit: "Wh", obis: null },
  dcEnergy4: { kind: "cumulative", unit: "Wh", obis: null },
  frequency: { kind: "plain", unit: "Hz", obis: "1-0:14.7.0" },
} as const satisfies Record<string, QuantityFacts>;

/** Name of a quantity. */
export type Quantity = keyof typeof QUANTITIES;

/** All names, in the order of the list. */
export const QUANTITY_NAMES = Object.keys(QUANTITIES) as [Quantity, ...Quantity[]];

/** What is settled on, and all that a sample reads. */
export const SETTLED_QUANTITIES: readonly Quantity[] = [
  "activeEnergyImport",
  "activeEnergyExport",
  "activePower",
];

/** @param name any text @returns true when the list holds it */
export function isQuantity(name: string): name is Quantity {
  return Object.hasOwn(QUANTITIES, name);
}

/** @param quantity a quantity @returns its kind, unit and OBIS code */
export function quantityFacts(quantity: Quantity): QuantityFacts {
  return QUANTITIES[quantity];
}

/**
 * What a register of a meter mounted the other way round really measures.
 *
 * @param quantity as the meter names it
 * @returns its counterpart, or itself when it has none
 */
export function reversedQuantity(quantity: Quantity): Quantity {
  const { reversed } = quantityFacts(quantity);
  return reversed !== undefined && isQuantity(reversed) ? reversed : quantity;
}

/** A counter that somebody can set back at the meter: it is shown, never settled on, and OBIS has no code for it. */
function partial(reversed: string): QuantityFacts {
  return { kind: "cumulative", unit: "Wh", obis: null, reversed };
}

function energy(obis: string, reversed: string): QuantityFacts {
  return { kind: "cumulative", unit: "Wh", obis, reversed };
}
