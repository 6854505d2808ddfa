/** One encoding and one hash of a reading. */
import * as reading from "../../../../agent/core/metering/reading.ts";
import { shared } from "../sharedWork.ts";

export * from "../../../../agent/core/metering/reading.ts";
export const readingId: typeof reading.readingId = shared(reading.readingId);
export const encodeReading: typeof reading.encodeReading = shared(reading.encodeReading);
