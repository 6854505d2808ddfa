/**
 * The meters of a household read at any instant of the past: the product's driver asks the very meters that answer on
 * the household's line, without the line between them.
 */
import { FIRST_HOUR, type HouseholdPlan } from "../../agent/cli/demoStreet.ts";
import type { UnixMs } from "../../agent/core/units.ts";
import type { MeteredMeter } from "../../agent/services/metering/meterReader.ts";
import { type Device, deviceMeter } from "../../drivers/deviceMeter.ts";
import type { RegisterRead } from "../../drivers/plan.ts";
import type { FramedRead } from "../../drivers/sample.ts";
import { plannedMeter } from "../../drivers/simulator/plannedLine.ts";
import { SimulatedMeter } from "../../drivers/simulator/simulatedMeter.ts";

/** @source Modbus Application Protocol V1.1b3, sections 6.3 and 6.4 */
const FUNCTION_CODE = { holding: 3, input: 4 } as const;
/** Unit, function code and byte count stand before the registers of an answer. */
const HEAD_BYTES = 3;
const NEVER_FAILED = { ok: 0, timeout: 0, crc: 0, wrongUnit: 0, exception: 0, late: 0, echo: 0 } as const;

/**
 * @param household whose meters are read
 * @param startedAtMs instant at which their registers begin to advance
 * @param timeLapse metered seconds per second
 * @param nowMs instant of a reading
 * @returns the meters in the order of the household's enrolment
 */
export function paperMeters(
  household: HouseholdPlan,
  startedAtMs: UnixMs,
  timeLapse: number,
  nowMs: () => UnixMs,
): readonly MeteredMeter[] {
  const time = { startedAtMs, timeLapse, startMinute: FIRST_HOUR * 60 };
  return household.meters.map((planned) => {
    const { role, definition, unitId } = planned;
    const options = plannedMeter(planned, time);
    const device = paperDevice(new SimulatedMeter(options, time), nowMs);
    return { role, definition, unitId, meter: deviceMeter(device, options.definition, false) };
  });
}

function paperDevice(meter: SimulatedMeter, nowMs: () => UnixMs): Device {
  return {
    unitId: meter.options.unitId,
    read: async (reads) => reads.map((read) => answered(meter, read, nowMs())),
    durationMs: () => 0,
    counters: () => NEVER_FAILED,
  };
}

function answered(meter: SimulatedMeter, read: RegisterRead, receivedAtMs: UnixMs): FramedRead {
  const request = { unitId: meter.options.unitId, functionCode: FUNCTION_CODE[read.table], read };
  const [burst] = meter.answer(request).burstsAt(receivedAtMs);
  const response = burst?.bytes ?? new Uint8Array();
  const view = new DataView(response.buffer, response.byteOffset + HEAD_BYTES);
  const words = Array.from({ length: read.count }, (_, index) => view.getUint16(2 * index));
  return { read, words, frame: { request: new Uint8Array(), response, receivedAtMs } };
}
