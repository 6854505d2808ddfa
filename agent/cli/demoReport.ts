/** What the demo prints: one table or one JSON line per committed interval, a header and a closing sum. */
import { basename, relative } from "node:path";
import type { Hash } from "../core/hash.ts";
import type { GridMode } from "../core/membership/genesis.ts";
import type { IntervalMoneyView, IntervalView, MemberView } from "../ports/agentView.ts";
import { coinsText } from "./coinsText.ts";
import { FIRST_HOUR, METERED_SECONDS_PER_INTERVAL } from "./demoStreet.ts";
import { paint } from "./terminal.ts";

/** Digits of a hash that a person compares at a glance. */
const SHORT_HASH_DIGITS = 12;
const COLUMNS = ["member", "E_G Wh", "E_C Wh", "position", "sold", "bought", "curtailed"] as const;
const STOP_REASONS: Readonly<Record<IntervalView["stop"], string>> = {
  "no-deficit": "no deficit left",
  "no-excess": "no excess left",
  balanced: "balanced",
  limits: "limits of bids do not meet",
};

const RESULTS = {
  complied: { word: "obeyed", colour: "green" },
  exceeded: { word: "exceeded", colour: "red" },
  unknown: { word: "unknown", colour: "yellow" },
} as const;

/** The head of each living gateway at one height, by the gateway's name. */
export type Heads = Readonly<Record<string, Hash>>;

/** One interval with what is known of the others' ledgers at its height. */
export type ReportedInterval = {
  readonly view: IntervalView;
  readonly heads: Heads;
  /** Gateways still running. */
  readonly living: number;
  /** Intervals since the demo's first: 0 is the quarter of an hour from 09:00. */
  readonly sinceFirst: number;
};

/** What the header names. */
export type HeaderFacts = {
  readonly gateways: number;
  readonly consumerOnly: number;
  readonly mode: GridMode;
  readonly seed: string;
  readonly intervalSeconds: number;
  readonly timeLapse: number;
  readonly dataDir: string;
  readonly firstIntervalAt: string;
};

/** Sums over the run. */
export type RunTotals = {
  readonly intervals: number;
  readonly tradedWh: number;
  /** DSOs in the order they took office, with their terms. */
  readonly offices: readonly { readonly name: string; readonly term: number }[];
};

/** @param interval as settled @returns the line of `--json`, without a line feed */
export function intervalLine({ view, heads }: ReportedInterval): string {
  return JSON.stringify({
    schema: view.schema,
    height: view.height,
    interval: view.interval,
    dso: view.dso,
    term: view.term,
    members: view.members.map((member) => ({
      name: member.name,
      address: member.address,
      generatedWh: member.generatedWh,
      consumedWh: member.consumedWh,
      positionWh: member.positionWh,
      soldWh: member.soldWh,
      boughtWh: member.boughtWh,
      curtailedWh: member.curtailedWh,
      order: member.order,
      missing: member.missing,
    })),
    trades: view.trades.map(({ from, to, wh }) => ({ from, to, wh })),
    signal: {
      excessWh: view.signal.excessWh,
      deficitWh: view.signal.deficitWh,
      unmetWh: view.signal.unmetWh,
      unsoldWh: view.signal.unsoldWh,
    },
    stop: view.stop,
    settlement: view.settlement === null ? null : moneyLine(view.settlement),
    heads,
  });
}

function moneyLine(money: IntervalMoneyView): IntervalMoneyView {
  return {
    policyVersion: money.policyVersion,
    price: money.price,
    ineligible: money.ineligible,
    trades: money.trades.map(({ paid, received, fee, carbon }) => ({ paid, received, fee, carbon })),
    residuals: money.residuals.map(({ member, kind, wh, price, amount, carbon }) => {
      return { member, kind, wh, price, amount, carbon };
    }),
    accounts: money.accounts.map(({ account, change }) => ({ account, change })),
  };
}

/** @param interval as settled @param hasColour whether escape codes are wanted @returns lines for a person */
export function intervalTable(interval: ReportedInterval, hasColour: boolean): string {
  const { view } = interval;
  const { signal } = view;
  const title = `${meteredTime(interval.sinceFirst)}  interval ${view.interval}  height ${view.height}`;
  const office = `DSO ${dsoName(view)}, term ${view.term}`;
  const lines = [
    `${paint(title, "bold", hasColour)}  ${office}  ${agreement(interval, hasColour)}`,
    paint(row([...COLUMNS]), "dim", hasColour),
    ...view.members.map((member) => memberRow(member, hasColour)),
    `  trades  ${trades(view)}`,
    ...view.members.flatMap((member) => orderLine(member, hasColour)),
    `  signal  excess ${signal.excessWh} Wh, deficit ${signal.deficitWh} Wh, unmet ${signal.unmetWh} Wh, ` +
      `unsold ${signal.unsoldWh} Wh; stop: ${STOP_REASONS[view.stop]}`,
    ...(view.settlement === null ? [] : [`  coins   ${coins(view, view.settlement)}`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** @param facts of this run @returns the lines before the first interval */
export function header(facts: HeaderFacts): string {
  const deps = facts.gateways - facts.consumerOnly;
  return [
    `A street of ${facts.gateways} gateways, ${facts.mode}: ${deps} with generation and load, ${facts.consumerOnly} with load only; seed ${facts.seed}`,
    `Time-lapse: an interval of ${facts.intervalSeconds} s stands for ${METERED_SECONDS_PER_INTERVAL / 60} minutes of metered energy (${facts.timeLapse} metered seconds per second); the simulated day begins at ${clock(0)}`,
    `Each gateway is its own process with two meters on an RS-485 line at 9600 8N1; data in ${facts.dataDir}`,
    `First interval begins at ${facts.firstIntervalAt}; Ctrl-C stops the street`,
    "",
  ].join("\n");
}

/**
 * @param totals of this run
 * @param directory of one gateway
 * @param calledAs how this program is called from a shell
 * @returns the closing lines, with the command to go on with
 */
export function summary(totals: RunTotals, directory: string, calledAs: string): string {
  const offices = totals.offices.map(({ name, term }) => `${name} (term ${term})`).join(", ");
  return [
    `${totals.intervals} interval${totals.intervals === 1 ? "" : "s"} committed, ${totals.tradedWh} Wh traded, in office: ${offices || "nobody"}`,
    "Keys and ledgers are kept. Check one ledger, signature by signature:",
    `  ${calledAs} ledger verify --data ${shellWord(directory)}`,
    "",
  ].join("\n");
}

/** @param totals so far @param view one more interval @returns the sums with it */
export function addInterval(totals: RunTotals, view: IntervalView): RunTotals {
  const traded = view.trades.reduce((sum, trade) => sum + trade.wh, 0);
  const name = dsoName(view);
  const last = totals.offices.at(-1);
  const isSameOffice = last !== undefined && last.name === name && last.term === view.term;
  return {
    intervals: totals.intervals + 1,
    tradedWh: totals.tradedWh + traded,
    offices: isSameOffice ? totals.offices : [...totals.offices, { name, term: view.term }],
  };
}

/**
 * @param script path of this program
 * @param directory the shell stands in
 * @returns how to call it from there: by its name when it is installed, else through what runs it
 */
export function callOf(script: string, directory: string): string {
  if (basename(script) === "edso") return "edso";
  const path = shellWord(relative(directory, script));
  return script.endsWith(".ts") ? `npx tsx ${path}` : `node ${path}`;
}

/** @param text one argument @returns it as a POSIX shell reads it back */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function agreement({ heads, living }: ReportedInterval, hasColour: boolean): string {
  const counts = new Map<Hash, number>();
  for (const head of Object.values(heads)) counts.set(head, (counts.get(head) ?? 0) + 1);
  const [best] = [...counts].sort(([, left], [, right]) => right - left);
  if (best === undefined) return paint("head unknown", "yellow", hasColour);
  const [head, agreeing] = best;
  const text = `head ${head.slice(0, SHORT_HASH_DIGITS)}, ${agreeing} of ${living} gateways agree`;
  if (counts.size > 1) return paint(`${text}, HEADS DIFFER`, "red", hasColour);
  return paint(text, agreeing === living ? "green" : "yellow", hasColour);
}

function memberRow(member: MemberView, hasColour: boolean): string {
  const cells = [member.name, ...energies(member), String(member.soldWh), String(member.boughtWh)];
  const text = row([...cells, String(member.curtailedWh)]);
  if (member.missing) return paint(text, "yellow", hasColour);
  return text;
}

function energies(member: MemberView): readonly string[] {
  if (member.missing) return ["missing", "-", "-"];
  const position = member.positionWh;
  const signed = position !== null && position > 0 ? `+${position}` : figure(position);
  return [figure(member.generatedWh), figure(member.consumedWh), signed];
}

function figure(value: number | null): string {
  return value === null ? "n/a" : String(value);
}

function row(cells: readonly string[]): string {
  const [name = "", ...figures] = cells;
  return `  ${name.padEnd(8)}${figures.map((cell) => cell.padStart(11)).join("")}`;
}

function trades(view: IntervalView): string {
  if (view.trades.length === 0) return "none";
  return view.trades.map(({ from, to, wh }) => `${from} → ${to} ${wh} Wh`).join(", ");
}

/** What a member was ordered for this interval, whether it said that it would act, and what its meters say. */
function orderLine({ name, order }: MemberView, hasColour: boolean): readonly string[] {
  if (order === null) return [];
  const { kind, maxWh, measuredWh, acknowledged, result } = order;
  const verb = kind === "consumption" ? "draw" : "feed in";
  const word = acknowledged ? "acknowledged" : "not acknowledged";
  const measured = measuredWh === null ? "nothing measured" : `${measuredWh} Wh measured`;
  const end = paint(RESULTS[result].word, RESULTS[result].colour, hasColour);
  return [`  order   ${name} may ${verb} at most ${maxWh} Wh: ${word}, ${measured}, ${end}`];
}

/** What the members' accounts changed by; the others' are in the JSON. */
function coins({ members }: IntervalView, { price, accounts, ineligible }: IntervalMoneyView): string {
  const names = new Set(members.map(({ name }) => name));
  const changes = accounts
    .filter(({ account }) => names.has(account))
    .map(({ account, change }) => `${account} ${change.startsWith("-") ? "" : "+"}${coinsText(change)}`);
  const barred = ineligible.length === 0 ? "" : `; may not buy: ${ineligible.join(", ")}`;
  const made = price === null ? "no trade" : `${coinsText(price)} a kWh`;
  return `${made}; ${changes.join(", ") || "nothing to pay"}${barred}`;
}

/** The view names the DSO by address or by name; people read names. */
function dsoName(view: IntervalView): string {
  return view.members.find((member) => member.address === view.dso)?.name ?? view.dso;
}

function meteredTime(sinceFirst: number): string {
  return `${clock(sinceFirst)}–${clock(sinceFirst + 1)}`;
}

function clock(intervals: number): string {
  const minutes = FIRST_HOUR * 60 + (intervals * METERED_SECONDS_PER_INTERVAL) / 60;
  const hour = Math.floor(minutes / 60) % 24;
  return `${String(hour).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}
