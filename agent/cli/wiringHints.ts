/** What to look at when a line does not work, by what was seen on it. @source docs/drivers.md */
import type { LineVerdict } from "../ports/commissioning.ts";
import { lineSettings } from "./meterFailure.ts";

/** Nothing came back, whatever was tried: that is wiring. */
export const SILENT_LINE =
  "nothing came back: swap A and B (makers do not agree which is which), check that the meter has power and the cable reaches it, and that this is the right port";

/** @param verdict of a test @param unitId that was wanted @returns what it means and what to do */
export function hintOf(verdict: LineVerdict, unitId: number): string {
  switch (verdict.kind) {
    case "works":
      return "the meter answers every request";
    case "works-sometimes":
      return "the meter answers some requests only: fit the 120 ohm terminators at both ends, keep the cable off mains wiring, join the common ground; a slow meter needs a longer timeoutMs";
    case "other-unit":
      return `unit ${unitId} is silent, but ${unitText(verdict.unitIds)}: set that unit id in the configuration, or ${unitId} at the meter`;
    case "other-settings":
      return `the meter answers at ${lineSettings(verdict.settings)}: set the line to that, or the meter`;
    case "garbled":
      return "bytes come back, but no valid frame: two meters with one unit id, noise, or a missing terminator; compare speed and parity with the meter's display";
    case "echo-only":
      return `only our own request comes back: the adapter hears itself, and the meter is silent. ${SILENT_LINE}`;
    case "silent":
      return SILENT_LINE;
    default:
      return verdict satisfies never;
  }
}

function unitText(unitIds: readonly number[]): string {
  return unitIds.length === 1 ? `unit ${unitIds[0]} answers` : `units ${unitIds.join(", ")} answer`;
}
