/** A reading's figures worked out again from its registers, without the product's arithmetic. */
import type { MeterRole } from "../../agent/core/membership/enrolment.ts";
import type { Measured, Reading } from "../../agent/core/metering/reading.ts";

/** @param reading of a member @param roles of its meters @returns true when E_G, E_C and position follow from the registers */
export function areFiguresRight({ content }: Reading, roles: readonly MeterRole[]): boolean {
  if (content.kind !== "measured") return true;
  const delta = (role: MeterRole, place: number): bigint | null => {
    const meter = content.meters[roles.indexOf(role)];
    if (!roles.includes(role) || meter === undefined) return null;
    return (meter.end[place] ?? 0n) - (meter.start[place] ?? 0n);
  };
  const imported = delta("grid", 0);
  const exported = delta("grid", 1) ?? 0n;
  const generation = delta("generation", 0);
  const generated = generation ?? (imported === null ? 0n : exported);
  const consumed =
    imported === null
      ? (delta("consumption", 0) ?? 0n)
      : generation === null
        ? imported
        : generation - exported + imported + content.carryIn;
  return (
    content.generated === generated &&
    content.consumed === (consumed < 0n ? 0n : consumed) &&
    content.position === content.generated - content.consumed
  );
}

/** @param last settled before @param reading after it @returns false when it follows at once and its registers do not */
export function continuesRegisters(last: Reading, reading: Reading): boolean {
  if (last.content.kind !== "measured" || reading.content.kind !== "measured") return true;
  if (reading.interval !== last.interval + 1) return true;
  return (
    endsOf(last.content, "end") === endsOf(reading.content, "start") &&
    areCarriesRight(last.content, reading.content)
  );
}

/** What consumption fell below zero is taken off the next reading; all other carries stay as they are. */
function areCarriesRight(last: Measured, next: Measured): boolean {
  if (last.meters.length !== 2 || last.meters[1]?.start.length !== 2) return next.carryIn === last.carryIn;
  const delta = (meter: number, place: number): bigint => {
    const registers = last.meters[meter];
    return (registers?.end[place] ?? 0n) - (registers?.start[place] ?? 0n);
  };
  const consumed = delta(0, 0) - delta(1, 1) + delta(1, 0) + last.carryIn;
  return next.carryIn === (consumed < 0n ? consumed : 0n);
}

function endsOf(measured: Measured, side: "start" | "end"): string {
  return measured.meters.map((meter) => meter[side].join(",")).join(";");
}
