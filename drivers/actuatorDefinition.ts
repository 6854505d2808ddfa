/** An actuator as data: which registers or which coil limit a generator or a load. */
import type { DefinitionStatus } from "./definition.ts";
import { DriverError } from "./driverError.ts";

/** What is known of every kind of actuator. */
type ActuatorKind = {
  /** Stable identifier. */
  readonly id: string;
  readonly name: string;
  readonly status: DefinitionStatus;
  /** What whoever fits it has to know, one sentence each. */
  readonly cautions: readonly string[];
  readonly source: string;
};

/** A power limit in a model of a SunSpec chain; offsets from the model's identifier. */
export type SunspecLimitDefinition = ActuatorKind & {
  readonly kind: "sunspec-limit";
  readonly modelId: number;
  /** Registers of the model's body. */
  readonly length: number;
  readonly points: {
    /** Limit in percent of the rated power, unsigned, scaled. */
    readonly limit: number;
    /** Seconds after which the device lifts the limit by itself. */
    readonly revertTime: number;
    /** 0 disabled, 1 enabled. */
    readonly enable: number;
    /** Power of ten of the limit. */
    readonly limitScale: number;
  };
};

/** A coil that stops the generator or the load. */
export type RelayDefinition = ActuatorKind & {
  readonly kind: "relay-coil";
  /** 0-based, as sent on the wire; a board with several relays has one coil each. */
  readonly coil: number;
  /** State of the coil in which it may run. */
  readonly runsWhen: "on" | "off";
};

/** A kind of actuator. */
export type ActuatorDefinition = SunspecLimitDefinition | RelayDefinition;

const HEAD_REGISTERS = 2;
const LAST_ADDRESS = 0xffff;

/**
 * Checks a definition and hands it back.
 *
 * @param definition a kind of actuator
 * @returns the same
 * @throws DriverError `DRIVER_DEFINITION`, `DRIVER_OVERLAP`
 */
export function defineActuator<Kind extends ActuatorDefinition>(definition: Kind): Kind {
  const refuse = (what: string) => new DriverError("DRIVER_DEFINITION", { actuator: definition.id, what });
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(definition.id)) throw refuse("id");
  if (definition.source === "") throw refuse("no source");
  if (definition.kind === "relay-coil") {
    const { coil } = definition;
    if (!Number.isInteger(coil) || coil < 0 || coil > LAST_ADDRESS) throw refuse("coil");
    return definition;
  }
  const offsets = Object.values(definition.points);
  const last = HEAD_REGISTERS + definition.length - 1;
  if (offsets.some((offset) => !Number.isInteger(offset) || offset < HEAD_REGISTERS || offset > last))
    throw refuse("a point outside the model");
  if (new Set(offsets).size !== offsets.length)
    throw new DriverError("DRIVER_OVERLAP", { actuator: definition.id });
  return definition;
}
