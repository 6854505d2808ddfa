/** What must hold of every line that `edso demo --json` prints, written from the schema's text, not from the code. */
import type { DemoLine } from "./demoProcess.ts";

const KEYS = [
  "schema",
  "height",
  "interval",
  "dso",
  "term",
  "members",
  "trades",
  "signal",
  "stop",
  "settlement",
  "heads",
];
const MEMBER_KEYS = [
  "name",
  "address",
  "generatedWh",
  "consumedWh",
  "positionWh",
  "soldWh",
  "boughtWh",
  "curtailedWh",
  "order",
  "missing",
];
const SIGNAL_KEYS = ["excessWh", "deficitWh", "unmetWh", "unsoldWh"];

/** @param line of the demo @returns what is wrong with it; empty when nothing is */
export function demoLineFaults(line: DemoLine): readonly string[] {
  const faults: string[] = [];
  const expect = (holds: boolean, fault: string) => {
    if (!holds) faults.push(`height ${line.height}: ${fault}`);
  };
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  expect(line.schema === "edso.interval/2", "schema");
  expect(sameKeys(line, KEYS) && sameKeys(line.signal, SIGNAL_KEYS), "keys");
  expect(
    line.members.every((member) => sameKeys(member, MEMBER_KEYS)),
    "keys of a member",
  );
  expect(line.members.every(isWhole), "a figure is no integer");
  const positions = line.members.map((member) => member.positionWh ?? 0);
  const excesses = positions.filter((position) => position > 0);
  const deficits = positions.filter((position) => position < 0);
  const traded = sum(line.trades.map((trade) => trade.wh));
  expect(line.trades.length <= Math.max(0, excesses.length + deficits.length - 1), "too many trades");
  expect(sum(line.members.map((member) => member.soldWh)) === traded, "sold is not what was traded");
  expect(sum(line.members.map((member) => member.boughtWh)) === traded, "bought is not what was traded");
  expect(line.signal.excessWh === sum(excesses) && line.signal.deficitWh === -sum(deficits), "signal totals");
  expect(line.signal.unsoldWh === line.signal.excessWh - traded, "unsold");
  expect(line.signal.unmetWh === line.signal.deficitWh - traded, "unmet");
  expect(line.signal.unmetWh === 0 || line.signal.unsoldWh === 0, "both unmet and unsold");
  expect(new Set(Object.values(line.heads)).size === 1, "heads differ");
  for (const member of line.members) {
    const position = member.positionWh ?? 0;
    expect(member.soldWh <= Math.max(0, position), `${member.name} sold more than its excess`);
    expect(member.boughtWh <= Math.max(0, -position), `${member.name} bought more than its deficit`);
  }
  return faults;
}

function isWhole(member: DemoLine["members"][number]): boolean {
  const { generatedWh, consumedWh, positionWh } = member;
  if (member.missing) return generatedWh === null && consumedWh === null && positionWh === null;
  const isConsistent = positionWh === (generatedWh ?? 0) - (consumedWh ?? 0);
  return isConsistent && [generatedWh, consumedWh, positionWh, member.soldWh].every(Number.isInteger);
}

function sameKeys(value: object, keys: readonly string[]): boolean {
  return Object.keys(value).sort().join() === [...keys].sort().join();
}
