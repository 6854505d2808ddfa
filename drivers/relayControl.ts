/** A relay that stops a generator or a load: it knows all or nothing, and has no time of its own. */
import type { LimitCommand } from "../agent/ports/actuator.ts";
import { type Control, UNLIMITED_PERMILLE } from "./actuatorControl.ts";
import type { RelayDefinition } from "./actuatorDefinition.ts";
import { DriverError } from "./driverError.ts";
import type { RegisterAccess } from "./registerAccess.ts";

/** @param definition of the relay @param access to its board @returns what it can be told */
export function relayControl({ id, coil, runsWhen }: RelayDefinition, access: RegisterAccess): Control {
  const readCoil = async (): Promise<boolean> => {
    const isOn = await access.readCoil(coil);
    if (isOn === null) throw new DriverError("DRIVER_EXCEPTION", { actuator: id, coil });
    return isOn;
  };
  const write = async (isOn: boolean): Promise<void> => {
    await access.writeCoil(coil, isOn);
    const found = await readCoil();
    if (found !== isOn)
      throw new DriverError("DRIVER_NOT_TAKEN", { actuator: id, coil, wanted: isOn, found });
  };
  const runs = (isOn: boolean) => isOn === (runsWhen === "on");
  return {
    stepPermille: UNLIMITED_PERMILLE,
    read: async () => {
      const isOn = await readCoil();
      return { limitPermille: runs(isOn) ? UNLIMITED_PERMILLE : 0, raw: [isOn ? 1 : 0] };
    },
    limit: async ({ limitPermille }: LimitCommand, [wasOn]: readonly number[]) => {
      // Anything less than everything is nothing: a limit may be kept too well, never exceeded.
      const mayRun = limitPermille === UNLIMITED_PERMILLE && runs(wasOn === 1);
      await write(mayRun === (runsWhen === "on"));
      return { liftsItself: false };
    },
    restore: ([wasOn]) => write(wasOn === 1),
  };
}
