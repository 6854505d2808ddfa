/** What is told of a kind of meter before it is read: who makes it, how the factory sets it, what it takes to read it. */
import type { MeterDefinition, MeterKind } from "./definition.ts";
import { definitionFaults } from "./definitionRules.ts";
import { definitionJsonSchema, meterSchema } from "./definitionSchema.ts";
import { planReads } from "./plan.ts";
import { SETTLED_QUANTITIES } from "./quantity.ts";

/** What a definition file may say, for whoever reads files. */
export const DEFINITION_GRAMMAR = {
  schema: meterSchema,
  jsonSchema: definitionJsonSchema(),
  rules: definitionFaults,
} as const;

/** A kind of meter as it is listed. */
export type KindInfo = Pick<MeterKind, "id" | "maker" | "model" | "status" | "cautions" | "tcp"> & {
  /** How the factory sets the RS-485 line; null where that is not known. */
  readonly factory: MeterKind["serial"];
};

/** @param kind of meter @returns it as it is listed */
export function kindInfo({ id, maker, model, status, cautions, serial: factory, tcp }: MeterKind): KindInfo {
  return { id, maker, model, status, cautions, factory, tcp };
}

/**
 * @param definition of a meter
 * @returns it as it is listed, with its quantities and the number of requests for what is settled on and for everything
 */
export function definitionSummary(definition: MeterDefinition) {
  const settled = definition.registers.filter(({ quantity }) => SETTLED_QUANTITIES.includes(quantity));
  return {
    ...kindInfo(definition),
    quantities: definition.registers.map(({ quantity }) => quantity),
    sampleReads: planReads(definition, settled).length,
    allReads: planReads(definition, definition.registers).length,
  };
}
