/** Plants one bug after another in a copy of the sources and runs seeds until one of them shows it. */
import { withPlantedBug } from "../support/plantedBug.ts";
import { AGREEMENT_BUGS } from "./bugs/agreementBugs.ts";
import { AUCTION_BUGS } from "./bugs/auctionBugs.ts";
import { CENSORSHIP_BUGS } from "./bugs/censorshipBugs.ts";
import { LATE_BUGS } from "./bugs/lateBugs.ts";
import { LIVENESS_BUGS } from "./bugs/livenessBugs.ts";
import { MONEY_BUGS } from "./bugs/moneyBugs.ts";
import { PROOF_BUGS } from "./bugs/proofBugs.ts";
import { RECOVERY_BUGS } from "./bugs/recoveryBugs.ts";
import { RESTART_BUGS } from "./bugs/restartBugs.ts";
import { ROSTER_BUGS } from "./bugs/rosterBugs.ts";
import { SETTLEMENT_BUGS } from "./bugs/settlementBugs.ts";
import { SUSPENSION_BUGS } from "./bugs/suspensionBugs.ts";
import type { PlantedBug } from "./plantedBugSpec.ts";
import type { SeedResult } from "./runSeed.ts";
import type { SeedSpec } from "./scenario.ts";
import { sharedWorkPlugin } from "./sharedWorkPlugin.ts";

/** The first seed that shows a bug. */
export type Catch = { readonly spec: SeedSpec; readonly fault: string; readonly seedsTried: number };

/** All that are planted. */
export const BUGS: readonly PlantedBug[] = [
  ...AGREEMENT_BUGS,
  ...CENSORSHIP_BUGS,
  ...LIVENESS_BUGS,
  ...PROOF_BUGS,
  ...RESTART_BUGS,
  ...SETTLEMENT_BUGS,
  ...LATE_BUGS,
  ...MONEY_BUGS,
  ...AUCTION_BUGS,
  ...ROSTER_BUGS,
  ...RECOVERY_BUGS,
  ...SUSPENSION_BUGS,
];

const FAULT_CHARACTERS = 90;

type RunSeedModule = { readonly runSeed: (spec: SeedSpec) => SeedResult };

/** @param bug to plant @param most seeds of each hunt @returns the first seed that shows it, null when none does */
export function catchBug(bug: PlantedBug, most: number): Promise<Catch | null> {
  const hunt = ({ runSeed }: RunSeedModule): Catch | null => {
    let seedsTried = 0;
    for (let seed = 0; seed < most; seed += 1) {
      for (const { mode, members } of bug.hunts) {
        seedsTried += 1;
        const { spec, faults } = runSeed({
          mode,
          members,
          seed,
          byzantine: null,
          hasFsync: bug.hasFsync ?? true,
        });
        if (faults[0] !== undefined) return { spec, fault: faults[0], seedsTried };
      }
    }
    return null;
  };
  return withPlantedBug("test/sim/runSeed.ts", bug.patches, hunt, [sharedWorkPlugin()]);
}

/** @param pattern part of the names of the bugs to plant @param most seeds of each hunt @param print a line */
export async function runBugs(
  pattern: string,
  most: number,
  print: (line: string) => void,
): Promise<{ readonly passed: number; readonly failed: number }> {
  const bugs = BUGS.filter(({ name }) => name.includes(pattern));
  let caught = 0;
  for (const bug of bugs) {
    const found = await catchBug(bug, most);
    if (found !== null) caught += 1;
    print(found === null ? `not caught  ${bug.name}` : caughtLine(bug, found));
  }
  return { passed: caught, failed: bugs.length - caught };
}

function caughtLine({ name }: PlantedBug, { spec, fault, seedsTried }: Catch): string {
  const { mode, members, seed } = spec;
  const what = fault.split("\n")[0]!.slice(0, FAULT_CHARACTERS);
  return `caught      ${name}: ${mode} n ${members} seed ${seed}, ${seedsTried} seeds: ${what}`;
}
