/** Keys and simulated lines of a street under test, as the demo has them from the composition root. */
import { systemClock } from "../../agent/adapters/clock/systemClock.ts";
import { openSigner } from "../../agent/adapters/signer/fileSigner.ts";
import {
  createKeys,
  type GatewayKeys,
  loadKeys,
  recordsPublicKey,
} from "../../agent/adapters/signer/keyFiles.ts";
import { peerIdOf } from "../../agent/adapters/transport/peerId.ts";
import type { DemoDependencies, DemoIdentity } from "../../agent/cli/demoDependencies.ts";
import { LINE_BAUD } from "../../agent/cli/demoSetup.ts";
import { type CurvePlan, FIRST_HOUR, type HouseholdPlan } from "../../agent/cli/demoStreet.ts";
import type { UnixMs } from "../../agent/core/units.ts";
import { meterDefinition } from "../../drivers/registry.ts";
import {
  constantCurve,
  householdLoad,
  type PowerCurve,
  solarGeneration,
  windGeneration,
} from "../../drivers/simulator/curve.ts";
import { initialEnergies } from "../../drivers/simulator/energyCounter.ts";
import { type SimulatedLine, startSimulatedLine } from "../../drivers/simulator/simulatedLine.ts";

const THINK_TIME_MS = 20;

/** What laying out a street asks for, on real key files. */
export const DEPENDENCIES: DemoDependencies = {
  env: {},
  terminal: { hasColour: false, out: () => {}, error: () => {} },
  createKeys,
  loadIdentity: async (directory) => identityOf(await loadKeys(directory)),
  startSimulatedLine: () => Promise.reject(new Error("the rig starts its lines itself")),
  agentClient: () => {
    throw new Error("the rig makes its clients itself");
  },
};

/**
 * @param household whose meters answer
 * @param startedAtMs instant at which their registers begin to advance
 * @param timeLapse metered seconds per second
 * @returns the line, answering at the pace of a wire
 */
export function startHouseholdLine(
  household: HouseholdPlan,
  startedAtMs: UnixMs,
  timeLapse: number,
): Promise<SimulatedLine> {
  return startSimulatedLine({
    settings: { baudRate: LINE_BAUD, parity: "none", dataBits: 8, stopBits: 1 },
    meters: household.meters.map(({ definition, unitId, serial, curve, registerSeed, role }) => ({
      definition: meterDefinition(definition),
      unitId,
      serial: Number(serial),
      curve: curveOf(curve),
      initial: initialEnergies(registerSeed, role),
    })),
    nowMs: systemClock({ trust: "assume" }).nowMs,
    startedAtMs,
    startMinute: FIRST_HOUR * 60,
    timeLapse,
    thinkTimeMs: THINK_TIME_MS,
    hasWireTime: true,
  });
}

function identityOf(keys: GatewayKeys): DemoIdentity {
  const signer = openSigner(keys.ledger);
  return {
    publicKey: signer.publicKey,
    peerId: peerIdOf(keys.transport),
    recordsKey: recordsPublicKey(keys.records),
    sign: (message) => signer.sign(message),
  };
}

function curveOf(plan: CurvePlan): PowerCurve {
  switch (plan.kind) {
    case "household":
      return householdLoad({ seed: plan.seed });
    case "solar":
      return solarGeneration({ seed: plan.seed, peakW: plan.ratedW });
    case "wind":
      return windGeneration({ seed: plan.seed, ratedW: plan.ratedW });
    case "steady":
      return constantCurve(-plan.ratedW);
    default:
      return plan satisfies never;
  }
}
