/** The enrolment that `edso init` wrote into a data directory. */
import { join } from "node:path";
import { decode } from "../core/codec.ts";
import { type Enrolment, enrolment, MAX_ENROLMENT_BYTES } from "../core/membership/enrolment.ts";
import { ENROLMENT_FILE_NAME } from "./init.ts";
import { readInputFile } from "./inputFile.ts";

/** @param dataDirectory of a gateway @returns its enrolment; null without one, which a gateway of the genesis does without */
export async function readOwnEnrolment(dataDirectory: string): Promise<Enrolment | null> {
  const bytes = await readInputFile(join(dataDirectory, ENROLMENT_FILE_NAME), MAX_ENROLMENT_BYTES).catch(
    () => null,
  );
  if (bytes === null) return null;
  const read = decode(bytes, enrolment, MAX_ENROLMENT_BYTES);
  return read.kind === "accept" ? read.value : null;
}
