/** Keys and simulated lines of a street under test, as the demo has them from the composition root. */
import { join } from "node:path";
import { systemClock } from "../../agent/adapters/clock/systemClock.ts";
import { createVoteJournal } from "../../agent/adapters/journal/voteJournalAtStart.ts";
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
import { FIRST_HOUR, type HouseholdPlan } from "../../agent/cli/demoStreet.ts";
import type { UnixMs } from "../../agent/core/units.ts";
import { startPlannedLine } from "../../drivers/simulator/plannedLine.ts";
import type { SimulatedLine } from "../../drivers/simulator/simulatedLine.ts";

/** What laying out a street asks for, on real key files. */
export const DEPENDENCIES: DemoDependencies = {
  env: {},
  terminal: { hasColour: false, out: () => {}, error: () => {} },
  createKeys,
  createVoteJournal: (dataDirectory) => createVoteJournal(join(dataDirectory, "votes.journal")),
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
  const { meters } = household;
  const startMinute = FIRST_HOUR * 60;
  const plan = { baudRate: LINE_BAUD, meters, timeLapse, startedAtMs, startMinute };
  return startPlannedLine(plan, systemClock({ trust: "assume" }).nowMs);
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
