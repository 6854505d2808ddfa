/** A meter on the command line: `role:definition:unit:serial[:fuel]`. */
import { type EnrolledMeter, FUELS, METER_ROLES } from "../core/membership/enrolment.ts";
import { usageError } from "./cliError.ts";
import { wholeNumber } from "./wholeNumber.ts";

/** One meter as configured and as enrolled. */
export type MeterSpec = EnrolledMeter & { readonly definition: string; readonly unitId: number };

const FORM = "role:definition:unit:serial[:fuel], such as generation:eastron-sdm120:1:20239784:solar";

/**
 * @param text as given
 * @returns the meter
 * @throws CliError `CLI_USAGE`
 */
export function readMeterSpec(text: string): MeterSpec {
  const [roleText = "", definition = "", unit = "", serial = "", fuelText, ...rest] = text.split(":");
  const role = METER_ROLES.find((known) => known === roleText);
  const fuel = fuelText === undefined ? null : FUELS.find((known) => known === fuelText);
  if (role === undefined) throw wrong(text, `the role is one of ${METER_ROLES.join(", ")}`);
  if (fuel === undefined) throw wrong(text, `the fuel is one of ${FUELS.join(", ")}`);
  if (rest.length > 0 || definition === "" || serial === "") throw wrong(text, `write ${FORM}`);
  if (role === "generation" && fuel === null) {
    throw wrong(text, `a generation meter needs its fuel: append :${FUELS.join(" or :")}`);
  }
  if (role !== "generation" && fuel !== null)
    throw wrong(text, "only a generation meter has a fuel: leave it out");
  return { role, definition, unitId: wholeNumber("the unit of --meter", unit, 1, 247), serial, fuel };
}

function wrong(text: string, fix: string): Error {
  return usageError(`--meter is ${JSON.stringify(text)}`, fix);
}
