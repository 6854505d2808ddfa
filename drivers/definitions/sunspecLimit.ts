/** SunSpec model 123, immediate controls: the power limit of an inverter, with a time after which it lifts by itself. */
import { defineActuator, type SunspecLimitDefinition } from "../actuatorDefinition.ts";

/** WMaxLimPct, WMaxLimPct_RvrtTms, WMaxLim_Ena and WMaxLimPct_SF. */
export const sunspecLimit: SunspecLimitDefinition = defineActuator({
  kind: "sunspec-limit",
  id: "sunspec-model-123",
  name: "SunSpec immediate controls, model 123",
  status: "confirmed",
  cautions: [
    "Many inverters take limits only after power control over Modbus is switched on in their own settings.",
    "An inverter without a revert time, or with a limit set for good, keeps the last limit when this gateway fails.",
  ],
  source: "https://github.com/sunspec/models, json/model_123.json",
  modelId: 123,
  length: 24,
  points: { limit: 5, revertTime: 7, enable: 9, limitScale: 23 },
});
