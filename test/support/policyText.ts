/** A policy file that is sound, and each of its lines replaceable. */

const LINES: Readonly<Record<string, string>> = {
  microgrid: "test-street",
  version: "1",
  intervalSeconds: "900",
  timeZone: "Europe/Vienna",
  from: "2027-01-04",
  to: "2027-01-06",
  tariff: `
  - { from: "00:00", trade: 0.13, supplierSells: 0.22, supplierBuys: 0.07 }
  - { from: "06:00", trade: 0.18, supplierSells: "0.300001", supplierBuys: 0.08 }
  - { from: "21:00", trade: 0.13, supplierSells: 0.22, supplierBuys: 0.07 }`,
  floor: "0.05",
  cap: "0.4",
  creditLimit: "10",
  fee: "0.003",
  mixTarget: "{ solar: 400, wind: 250 }",
  carbonGrams: "{ grid-mix: 380 }",
  carbonRate: "0.05",
};

/** @param changes by key; an empty text leaves a line out @returns the file */
export function policyFileText(changes: Readonly<Record<string, string>> = {}): string {
  return Object.entries({ ...LINES, ...changes })
    .filter(([, value]) => value !== "")
    .map(([key, value]) => `${key}: ${value}\n`)
    .join("");
}
