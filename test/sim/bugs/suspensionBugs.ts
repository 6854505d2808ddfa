/** Planted bugs of suspensions: who is counted absent for how long, and who keeps or regains a vote. */
import type { PlantedBug } from "../plantedBugSpec.ts";

const LEDGER = "agent/core/ledger";
const PRESENCE = "agent/services/participation/presence.ts";
const HUNTS = [
  { mode: "suspension", members: 4 },
  { mode: "suspension", members: 5 },
] as const;

export const SUSPENSION_BUGS: readonly PlantedBug[] = [
  {
    name: "a voter may be suspended after 95 certificates",
    patches: [
      {
        file: `${LEDGER}/transactions/applyRosterChange.ts`,
        from: "return (state.absences.get(change.member) ?? 0) >= ABSENT_CERTIFICATES",
        to: "return (state.absences.get(change.member) ?? 0) >= ABSENT_CERTIFICATES - 1",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a block of several intervals counts as several absences",
    patches: [
      {
        file: `${LEDGER}/blocks/assemble.ts`,
        from: "absences: absencesAfter(context, state, facts.parentCertificate) };",
        to: "absences: facts.intervals.reduce((absences) => absencesAfter(context, { ...state, absences }, facts.parentCertificate), state.absences) };",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a suspension may leave three voters",
    patches: [
      {
        file: "agent/core/membership/judgeRosterChange.ts",
        from: "export const FEWEST_AFTER_SUSPENSION = 4;",
        to: "export const FEWEST_AFTER_SUSPENSION = 3;",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "whoever signs a transaction counts as absent all the same",
    patches: [
      {
        file: `${LEDGER}/transactions/applyTransactions.ts`,
        from: "if (signer === GRID_ADMIN || !state.absences.has(signer)) return state;",
        to: "if (signer === GRID_ADMIN || state.absences.has(signer)) return state;",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "whoever was suspended never asks for its vote",
    patches: [
      {
        file: PRESENCE,
        from: "if (state.roster.suspended.includes(self) && state.pendingChange === null)",
        to: "if (state.roster.suspended.includes(self) && state.pendingChange !== null)",
      },
    ],
    hunts: HUNTS,
  },
];
