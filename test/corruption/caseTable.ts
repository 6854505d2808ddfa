/** Corruptions add up: one line of a file each, and the table of what became of them. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Done } from "./damage.ts";
import { DAMAGES, KINDS } from "./damage.ts";
import { type Judged, OUTCOMES } from "./judgeCourse.ts";

/** One corruption and its outcome. */
export type Case = Done & Judged & { readonly seed: number; readonly sources: string };

/** @param file of cases @returns them; a torn last line is passed over */
export function readCases(file: string): readonly Case[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Case];
      } catch {
        return [];
      }
    });
}

/** @param file to append to @param one outcome */
export function appendCase(file: string, one: Case): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(one)}\n`);
}

/** @param cases of one or more runs @returns the table by file and damage, sums, and what must not be */
export function caseLines(cases: readonly Case[]): readonly string[] {
  const rows = KINDS.flatMap((kind) =>
    DAMAGES.flatMap((damage) => {
      const of = cases.filter((one) => one.kind === kind && one.damage === damage);
      return of.length === 0 ? [] : [row(`${kind} · ${damage}`, of)];
    }),
  );
  const count = (outcome: string) => cases.filter((one) => one.outcome === outcome).length;
  const ledger = cases.filter(({ kind, outcome }) => kind.startsWith("LevelDB") && outcome !== "unaffected");
  const healed = ledger.filter(({ outcome }) => outcome === "resynced").length;
  return [
    ["file · damage".padEnd(32), "all".padStart(6), ...OUTCOMES.map((outcome) => outcome.padStart(11))].join(
      "",
    ),
    ...rows,
    row("all", cases),
    `of ${ledger.length} damages to the ledger that mattered, ${healed} re-synced by themselves (${percent(healed, ledger.length)})`,
    `${cases.filter(({ hasChanged }) => !hasChanged).length} changed no byte; ${new Set(cases.map(({ sources }) => sources)).size} versions of the sources`,
    ...cases
      .filter(({ outcome }) => outcome === "silent" || outcome === "unclear")
      .map((one) => `${one.outcome}: seed ${one.seed}, ${one.file} ${one.damage} ${one.where}: ${one.why}`),
    `${cases.length - count("silent") - count("unclear")} corruptions told, ${count("silent")} silent, ${count("unclear")} unclear`,
  ];
}

function row(name: string, of: readonly Case[]): string {
  const counts = OUTCOMES.map((outcome) => of.filter((one) => one.outcome === outcome).length);
  return [
    name.padEnd(32),
    String(of.length).padStart(6),
    ...counts.map((count) => String(count || "·").padStart(11)),
  ].join("");
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${Math.round((100 * part) / whole)} %`;
}
