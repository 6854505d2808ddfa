/**
 * Huawei SUN2000 inverters, and the Smart Power Sensor behind them: integers. Both count power as positive on export.
 */
import { defineMeter, type MeterDefinition } from "../definition.ts";

const MAP =
  "wlcrs/huawei-solar-lib registers.py, evcc huawei-sun2000-hybrid.yaml, Tinkerforge/esp32-firmware huawei.py";
const TIMING = "evcc huawei-sun2000-inverter.yaml";
const ONE_CLIENT =
  "One Modbus client at a time; it needs a second after a TCP connection before the first request.";

const ACCESS = {
  wordOrder: "most-significant-first",
  maxRegistersPerRead: 50,
  maxGapRegisters: 0,
  timing: { thinkTimeMs: 500, answerTimeoutMs: 15_000, gapMs: 50, source: TIMING },
} as const;

/** The Smart Power Sensor, read through the inverter. */
export const huaweiSmartPowerSensor: MeterDefinition = defineMeter({
  ...ACCESS,
  id: "huawei-smart-power-sensor",
  maker: "Huawei",
  model: "Smart Power Sensor",
  status: "confirmed",
  cautions: [ONE_CLIENT],
  defaults: { table: "holding", type: "i32", absent: { signed: ["greatest"] }, source: MAP },
  registers: [
    // Positive is feed-in, against the convention of everybody else.
    { quantity: "activePower", address: 37113, positiveIs: "export", source: "37113" },
    { quantity: "activeEnergyExport", address: 37119, toUnit: 10, source: "37119" },
    { quantity: "activeEnergyImport", address: 37121, toUnit: 10, source: "37121" },
    { quantity: "voltageL1", address: 37101, toUnit: 0.1, source: "37101" },
  ],
});

/** The inverter itself; what it generates is export. */
export const huaweiSun2000: MeterDefinition = defineMeter({
  ...ACCESS,
  id: "huawei-sun2000",
  maker: "Huawei",
  model: "SUN2000",
  status: "confirmed",
  cautions: [ONE_CLIENT],
  identification: {
    meterSerial: { table: "holding", address: 30015, type: "text", registers: 10, source: `${MAP}, 30015` },
  },
  defaults: {
    table: "holding",
    absent: { signed: ["greatest"], unsigned: ["all-ones"] },
    source: MAP,
  },
  registers: [
    { quantity: "activePower", address: 32080, type: "i32", positiveIs: "export", source: "32080" },
    { quantity: "activeEnergyExport", address: 32106, type: "u32", toUnit: 10, source: "32106" },
  ],
});
