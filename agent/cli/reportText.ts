/** The Regulator's report for scripts, spreadsheets and people. */
import type { StreetReport } from "../core/ledger/reports/streetReport.ts";
import type { GenesisBody } from "../core/membership/genesis.ts";
import { intervalStartMs } from "../core/metering/interval.ts";
import { csvText } from "./csvText.ts";
import { textTable } from "./textTable.ts";

/** Totals of one interval, in Wh. */
type IntervalRow = {
  readonly interval: number;
  readonly start: string;
  readonly policyVersion: number | null;
  readonly generatedWh: number;
  readonly consumedWh: number;
  readonly tradedWh: number;
  readonly baseLoadWh: number;
  readonly fedInWh: number;
  readonly uncoveredWh: number;
  readonly unsoldWh: number;
  readonly curtailedWh: number;
  readonly orders: number;
  readonly complied: number;
  readonly exceeded: number;
  readonly missing: number;
};

/** `edso regulator report --json` */
export type ReportView = {
  readonly schema: "edso.street-report/1";
  readonly microgrid: string;
  readonly mode: "islanded" | "grid-tied";
  readonly mix: readonly {
    readonly fuel: string;
    readonly wh: number;
    readonly permille: number;
    readonly targetPermille: number | null;
  }[];
  readonly intervals: readonly IntervalRow[];
};

/** @param report of a period @param genesis of the street @returns what is printed */
export function reportView(
  { intervals, mix }: StreetReport,
  { microgridId, mode, intervalMs }: Pick<GenesisBody, "microgridId" | "mode" | "intervalMs">,
): ReportView {
  return {
    schema: "edso.street-report/1",
    microgrid: microgridId,
    mode,
    mix: mix.map((share) => ({ ...share, wh: Number(share.wh) })),
    intervals: intervals.map((entry) => ({
      interval: entry.interval,
      start: new Date(intervalStartMs(entry.interval, intervalMs)).toISOString(),
      policyVersion: entry.policyVersion,
      generatedWh: Number(entry.generated),
      consumedWh: Number(entry.consumed),
      tradedWh: Number(entry.traded),
      baseLoadWh: Number(entry.baseLoad),
      fedInWh: Number(entry.fedIn),
      uncoveredWh: Number(entry.uncovered),
      unsoldWh: Number(entry.unsold),
      curtailedWh: Number(entry.curtailed),
      orders: entry.orders,
      complied: entry.complied,
      exceeded: entry.exceeded,
      missing: entry.missing,
    })),
  };
}

const ENERGIES = [
  ["generated", "generatedWh"],
  ["consumed", "consumedWh"],
  ["traded", "tradedWh"],
  ["base load", "baseLoadWh"],
  ["fed in", "fedInWh"],
  ["uncovered", "uncoveredWh"],
  ["unsold", "unsoldWh"],
  ["curtailed", "curtailedWh"],
] as const;

/** @param view of the report @returns comma-separated values, a row an interval */
export function reportCsv({ intervals }: ReportView): string {
  return csvText([
    [
      "start (UTC)",
      "interval",
      "policy",
      ...ENERGIES.map(([name]) => `${name} (Wh)`),
      "orders given",
      "orders complied with",
      "orders exceeded",
      "members missing",
    ],
    ...intervals.map((row) => [
      row.start,
      row.interval,
      row.policyVersion ?? "",
      ...ENERGIES.map(([, key]) => row[key]),
      row.orders,
      row.complied,
      row.exceeded,
      row.missing,
    ]),
  ]);
}

/** @param view of the report @returns tables for people */
export function reportText(view: ReportView): string {
  const { intervals, mix } = view;
  const totals = ENERGIES.map(([, key]) => String(intervals.reduce((sum, row) => sum + row[key], 0)));
  const rows = intervals.map((row) => [
    `  ${row.interval}`,
    row.start.slice(0, 19),
    ...ENERGIES.map(([, key]) => String(row[key])),
    String(row.orders),
    String(row.complied),
    String(row.exceeded),
    String(row.missing),
  ]);
  return [
    `Street ${view.microgrid}, ${view.mode}: ${intervals.length} intervals; energies in Wh, no household's own`,
    "",
    ...textTable(
      [
        "  interval",
        "begins (UTC)",
        ...ENERGIES.map(([name]) => name),
        "orders",
        "complied",
        "exceeded",
        "missing",
      ],
      [...rows, ["  together", "", ...totals]],
      ["left", "left", ...ENERGIES.map(() => "right" as const), "right", "right", "right", "right"],
    ),
    "",
    ...mixTable(mix),
    "",
  ].join("\n");
}

function mixTable(mix: ReportView["mix"]): readonly string[] {
  if (mix.length === 0) return ["  nothing was sold or delivered"];
  return textTable(
    ["  sold, fed in, delivered", "Wh", "share", "target"],
    mix.map(({ fuel, wh, permille, targetPermille }) => [
      `  ${fuel}`,
      String(wh),
      percent(permille),
      targetPermille === null ? "" : percent(targetPermille),
    ]),
    ["left", "right", "right", "right"],
  );
}

function percent(permille: number): string {
  return `${Math.floor(permille / 10)}.${permille % 10} %`;
}
