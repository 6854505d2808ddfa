/** A Modbus relay board: one coil per relay, written by function code 5 and read by function code 1. */
import { defineActuator, type RelayDefinition } from "../actuatorDefinition.ts";

/** The first relay of any board; it stops a generator or a load while it is on, so that a dead board lets it run. */
export const relayCoil: RelayDefinition = defineActuator({
  kind: "relay-coil",
  id: "relay-coil",
  name: "Modbus relay, coil 0",
  status: "experimental",
  cautions: [
    "Wire the release of the generator or the load through the normally closed contact: with the relay off it runs.",
    "A relay has no time of its own: when this gateway fails while it is on, what it stops stays stopped.",
  ],
  source: "Modbus Application Protocol V1.1b3, sections 6.1 and 6.5",
  coil: 0,
  runsWhen: "off",
});
