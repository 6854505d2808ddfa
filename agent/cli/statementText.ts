/** A statement on paper: a table for people, and CSV for spreadsheets. */
import { coinsText } from "./coinsText.ts";
import { csvText } from "./csvText.ts";
import type { StatementLineView, StatementView } from "./statementView.ts";
import { textTable } from "./textTable.ts";

/** What a line is called. */
const KINDS: Readonly<Record<string, string>> = {
  bought: "bought from",
  sold: "sold to",
  "supplier-bought": "bought from",
  "supplier-fed-in": "fed in to",
  imbalance: "drawn from",
  correction: "stated late",
  issued: "coins issued",
};

/** @param view of the statement @returns lines for people */
export function statementText(view: StatementView): string {
  const { energyWh } = view;
  const coins = (amount: string) => `${coinsText(amount)} coins`;
  return [
    `Statement of ${view.member}, ${view.from} to ${view.to} (intervals ${view.fromInterval} to ${view.toInterval - 1})`,
    "",
    `  opening balance ${coins(view.openingMicroCoins)}`,
    "",
    ...aligned([
      ["consumed", energyWh.consumed],
      ["  own generation", energyWh.ownUse],
      ["  from neighbours", energyWh.fromNeighbours],
      ["  from the supplier", energyWh.fromSupplier],
      ["  beyond the credit limit", energyWh.fromImbalance],
      ["  not covered by anybody", energyWh.uncovered],
      ["generated", energyWh.generated],
      ["  to neighbours", energyWh.toNeighbours],
      ["  fed in to the supplier", energyWh.toSupplier],
      ["  not sold", energyWh.unsold],
      ["stated late, consumed", energyWh.lateConsumed],
      ["stated late, generated", energyWh.lateGenerated],
    ]),
    ...(view.missingIntervals === 0
      ? []
      : ["", `  ${view.missingIntervals} intervals closed without a reading of this household`]),
    "",
    ...neighbourTable(view),
    ...lineTable(view.lines),
    "",
    `  closing balance ${coins(view.closingMicroCoins)}`,
    "",
    "Each line is a fact of the ledger: `edso explain REFERENCE` walks from it to the raw Modbus frames.",
    "",
  ].join("\n");
}

/** @param view of the statement @returns comma-separated values with the units in the header */
export function statementCsv(view: StatementView): string {
  const header = [
    ["reference", "start (UTC)", "interval", "booked in interval", "kind", "counterparty", "area"],
    ["fuels (Wh)", "received (Wh)", "given (Wh)", "price (microcoins/kWh)", "amount (microcoins)"],
    ["fee (microcoins)", "carbon (microcoins)", "change (microcoins)", "balance (microcoins)"],
  ].flat();
  const rows = view.lines.map((line) => [
    line.reference,
    line.start,
    line.interval,
    line.bookedInterval,
    line.kind,
    line.counterparty ?? "",
    line.area ?? "",
    fuelsText(line),
    line.receivedWh,
    line.givenWh,
    line.priceMicroCoinsPerKwh ?? "",
    line.amountMicroCoins,
    line.feeMicroCoins,
    line.carbonMicroCoins,
    line.changeMicroCoins,
    line.balanceMicroCoins,
  ]);
  return csvText([header, ...rows]);
}

function aligned(rows: readonly (readonly [name: string, wh: number])[]): readonly string[] {
  const shown = rows.filter(([name, wh]) => wh !== 0 || name === "consumed" || name === "generated");
  const [, ...lines] = textTable(
    ["", ""],
    shown.map(([name, wh]) => [`  ${name}`, `${wh} Wh`]),
    ["left", "right"],
  );
  return lines;
}

function neighbourTable({ neighbours }: StatementView): readonly string[] {
  if (neighbours.length === 0) return [];
  const rows = neighbours.map(({ name, area, fuels, receivedWh, givenWh, changeMicroCoins }) => [
    `  ${name}`,
    area,
    fuels.join(", "),
    String(receivedWh),
    String(givenWh),
    coinsText(changeMicroCoins),
  ]);
  return [
    ...textTable(["  neighbour", "area", "fuels", "received Wh", "given Wh", "coins"], rows, [
      "left",
      "left",
      "left",
      "right",
      "right",
      "right",
    ]),
    "",
  ];
}

function lineTable(lines: readonly StatementLineView[]): readonly string[] {
  if (lines.length === 0) return ["  no energy and no coins moved in this period"];
  const rows = lines.map((line) => [
    `  ${line.reference}`,
    line.start.slice(0, 19),
    [KINDS[line.kind] ?? line.kind, line.counterparty ?? ""].join(" ").trim(),
    fuelsText(line),
    line.receivedWh === 0 ? "" : String(line.receivedWh),
    line.givenWh === 0 ? "" : String(line.givenWh),
    line.priceMicroCoinsPerKwh === null ? "" : coinsText(line.priceMicroCoinsPerKwh),
    coinsText(line.amountMicroCoins),
    coinsText(line.feeMicroCoins),
    coinsText(line.carbonMicroCoins),
    coinsText(line.balanceMicroCoins),
  ]);
  return textTable(
    [
      "  reference",
      "begins (UTC)",
      "what",
      "fuel",
      "in Wh",
      "out Wh",
      "coins/kWh",
      "amount",
      "fee",
      "carbon",
      "balance",
    ],
    rows,
    ["left", "left", "left", "left", "right", "right", "right", "right", "right", "right", "right"],
  );
}

function fuelsText({ fuels, receivedWh, givenWh }: StatementLineView): string {
  const [only, ...others] = fuels;
  if (only === undefined) return "";
  if (others.length === 0 && only.wh === receivedWh + givenWh) return only.fuel;
  return fuels.map(({ fuel, wh }) => `${fuel} ${wh}`).join("; ");
}
