/** One block as lines for a person. */
import type { BlockView, ComplianceView, LateView, ReadingView, SettledView } from "./blockView.ts";
import { coinsText, spentOn } from "./coinsText.ts";
import { paint } from "./terminal.ts";
import { textTable } from "./textTable.ts";

const RIGHT = ["left", "right", "right", "right", "left"] as const;

/** @param view of a block @param hasColour whether escape codes are wanted @returns its lines */
export function blockText(view: BlockView, hasColour: boolean): string {
  const span = view.from === view.to ? `interval ${view.from}` : `intervals ${view.from} to ${view.to}`;
  return [
    paint(`block ${view.height}, ${span}`, "bold", hasColour),
    `  hash     ${view.blockHash}`,
    `  parent   ${view.parentHash}`,
    `  DSO      ${view.dso} (${view.dsoAddress}), term ${view.term}, mandate ${view.mandate}`,
    `  body     ${view.bodyRoot}`,
    `  state    ${view.stateRoot}`,
    ...view.late.map(lateLine),
    ...view.intervals.flatMap((settled) => ["", ...intervalLines(settled, hasColour)]),
    "",
  ].join("\n");
}

function lateLine(late: LateView): string {
  const { member, from, to, against, generatedWh, consumedWh, amount } = late;
  const intervals = from === to ? `interval ${from}` : `intervals ${from} to ${to}`;
  return `  late     ${member}, ${intervals}: E_G ${generatedWh}, E_C ${consumedWh} Wh against ${against}${late.policyVersion === null ? "" : `, ${coinsText(amount)} to its account`}`;
}

function intervalLines(settled: SettledView, hasColour: boolean): readonly string[] {
  const { signal } = settled;
  const totals = `excess ${signal.excessWh}, deficit ${signal.deficitWh}, unmet ${signal.unmetWh}, unsold ${signal.unsoldWh} Wh`;
  return [
    `${paint(`interval ${settled.interval}`, "bold", hasColour)}  ${totals}; stop: ${settled.stop}`,
    ...textTable(["member", "E_G Wh", "E_C Wh", "position", "note"], readingRows(settled), RIGHT),
    ...settled.trades.map(
      ({ from, to, wh, money }) =>
        `trade    ${from} -> ${to} ${wh} Wh${money === null ? "" : `, ${coinsText(spentOn(money))} paid, ${coinsText(money.received)} received`}`,
    ),
    ...settled.orders.map(
      (order) =>
        `curtail  ${order.member} by ${order.curtailedWh} Wh of ${order.kind} in interval ${order.interval}, at most ${order.maxWh} Wh`,
    ),
    ...settled.compliance.map(complianceLine),
    ...settled.residuals.map(
      ({ member, kind, wh, money }) =>
        `supplier ${member} ${kind} ${wh} Wh${money === null ? "" : `, ${coinsText(`${BigInt(money.amount) + BigInt(money.carbon)}`)}`}`,
    ),
    ...(settled.settlement?.ineligible ?? []).map((member) => `credit   ${member} may not buy from others`),
  ];
}

function complianceLine(entry: ComplianceView): string {
  const { member, kind, maxWh, measuredWh, acknowledged, result } = entry;
  const measured = measuredWh === null ? "nothing measured" : `${measuredWh} Wh measured`;
  const word = acknowledged ? "acknowledged" : "not acknowledged";
  return `order    ${member}: ${kind} at most ${maxWh} Wh, ${word}, ${measured}: ${result}`;
}

/** Members that sent nothing stand below those that did. */
function readingRows({ readings, missing }: SettledView): readonly (readonly string[])[] {
  const heard = new Set(readings.map(({ member }) => member));
  const reasonOf = (name: string) => missing.find(({ member }) => member === name)?.reason;
  const rows = readings.map((reading) => readingRow(reading, reasonOf(reading.member)));
  const silent = missing.filter(({ member }) => !heard.has(member));
  return [
    ...rows,
    ...silent.map(({ member, reason }) => [member, "n/a", "n/a", "n/a", `missing: ${reason}`]),
  ];
}

function readingRow(reading: ReadingView, missingReason: string | undefined): readonly string[] {
  const reason = missingReason ?? reading.reason;
  const energies = [reading.generatedWh, reading.consumedWh, reading.positionWh].map((energy) =>
    String(energy ?? "n/a"),
  );
  return [reading.member, ...energies, reason === null ? "" : `missing: ${reason}`];
}
