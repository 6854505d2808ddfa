/** A reading's figures worked out again from its registers, without the product's arithmetic. */
import type { MeterRole } from "../../agent/core/membership/enrolment.ts";
import type { Reading } from "../../agent/core/metering/reading.ts";

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

/**
 * @param reading of one interval or several
 * @param energy of it
 * @param mostWh what the connection carries in one interval
 * @returns true when an energy or a register's advance is more than that in all its intervals
 */
export function exceeds(
  { content, interval }: Reading,
  energy: { readonly generated: bigint; readonly consumed: bigint },
  mostWh: number,
): boolean {
  if (content.kind === "missing") return false;
  const intervals = content.kind === "spanning" ? interval - content.from + 1 : 1;
  const bound = BigInt(Math.ceil(mostWh)) * BigInt(intervals);
  const advances = content.meters.flatMap(({ start, end }) =>
    end.map((value, place) => value - (start[place] ?? 0n)),
  );
  const { generated, consumed } = energy;
  return [generated, consumed, -consumed, ...advances].some((amount) => amount > bound);
}
