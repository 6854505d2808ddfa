/** Which registers of a meter its role settles on. */
import type { MeterRole } from "../../core/membership/enrolment.ts";
import type { Wh } from "../../core/units.ts";
import type { MeterSample } from "../../ports/meter.ts";

/** @param role of the meter @param sample of it @returns the registers that the role settles on; null when the meter has not got them */
export function registersOf(role: MeterRole, sample: MeterSample): readonly Wh[] | null {
  const { activeEnergyImport, activeEnergyExport } = sample;
  switch (role) {
    case "generation":
      return activeEnergyExport === null ? null : [activeEnergyExport];
    case "consumption":
      return activeEnergyImport === null ? null : [activeEnergyImport];
    case "grid":
      return activeEnergyImport === null || activeEnergyExport === null
        ? null
        : [activeEnergyImport, activeEnergyExport];
    default:
      return role satisfies never;
  }
}
