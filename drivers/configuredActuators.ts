/** The actuators of a line as configured: a definition, a unit, and where what each holds is kept. */
import type { Actuator, HoldKeeper } from "../agent/ports/actuator.ts";
import type { Line } from "./meter.ts";
import { actuatorDefinition } from "./registry.ts";

/** One actuator as configured. */
export type ConfiguredActuator = {
  readonly definition: string;
  readonly unitId: number;
  /** Of a board with several relays, from 0. */
  readonly coil: number;
};

/**
 * @param line that is open
 * @param config its address, and the actuators on it
 * @param holdsOf what keeps the hold of an actuator, by a name that is the same in every life
 * @returns each with its actuator, in the order configured
 * @throws DriverError `DRIVER_UNKNOWN_ACTUATOR`, `DRIVER_OPTION`
 */
export function configuredActuators<Config extends ConfiguredActuator>(
  line: Pick<Line, "actuator">,
  config: { readonly port: string; readonly actuators: readonly Config[] },
  holdsOf: (name: string) => HoldKeeper,
): readonly (Config & { readonly actuator: Actuator })[] {
  return config.actuators.map((configured) => {
    const { definition, unitId, coil } = configured;
    const holds = holdsOf(`${config.port} ${unitId} ${definition} ${coil}`);
    const actuator = line.actuator({ definition: actuatorDefinition(definition, coil), unitId, holds });
    return { ...configured, actuator };
  });
}
