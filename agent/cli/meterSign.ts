/** The part of `edso meter test` that watches meters until it can be said whether they count the way their role needs. */
import {
  checkSign,
  type FlowDirection,
  isSignSettled,
  LEAST_POWER_W,
  type SignFinding,
  type SignSample,
} from "../core/metering/signCheck.ts";
import type { MeterReadOut } from "../ports/meter.ts";
import { CliError } from "./cliError.ts";
import type { CliDependencies } from "./dependencies.ts";
import { meterFailure } from "./meterFailure.ts";
import type { Wanted } from "./meterTarget.ts";
import { type OpenLines, openLines } from "./openLines.ts";
import { pause } from "./untilInterrupted.ts";

/** A meter, what it showed while it was watched, and what that means. */
export type Watched = Wanted & {
  readonly samples: readonly SignSample[];
  readonly finding: SignFinding;
};

/** What is to be changed, and where. */
type SignFault = { readonly code: "METER_REVERSED" | "METER_SIGN_CONTRADICTS"; readonly fix: string };

const NOTHING_YET: SignFinding = { kind: "no-current" };
/** Between two looks at the same meter. */
const LOOK_EVERY_MS = 1_000;

/**
 * Watches meters, all of them in turn, until each can be judged.
 *
 * @param wanted meters that answer
 * @param watchMs longest time to watch
 * @param signal that ends it early
 * @param dependencies of the composition root
 * @returns each with what was found
 * @throws CliError `METER_UNREADABLE`
 */
export async function watchSigns(
  wanted: readonly Wanted[],
  watchMs: number,
  signal: AbortSignal,
  dependencies: CliDependencies,
): Promise<readonly Watched[]> {
  const lines = openLines(dependencies);
  const rounds = Math.ceil(watchMs / LOOK_EVERY_MS);
  let watched: readonly Watched[] = wanted.map((each) => ({ ...each, samples: [], finding: NOTHING_YET }));
  try {
    for (let round = 0; round <= rounds && !signal.aborted; round++) {
      const next: Watched[] = [];
      for (const each of watched)
        next.push(isSignSettled(each.finding) ? each : await lookAgain(each, lines, dependencies));
      watched = next;
      if (watched.every(({ finding }) => isSignSettled(finding))) break;
      if (round < rounds) await pause(LOOK_EVERY_MS, signal);
    }
  } finally {
    await lines.close();
  }
  return watched;
}
/** @param watched a meter @returns a line that says what it shows, and one that says what to do */
export function signText({ role, target, samples, finding }: Watched): string {
  const power = samples.at(-1)?.activePowerW ?? null;
  const flow = power === null ? "it has no register for power" : `power ${Math.round(power)} W`;
  const name = `${role === null ? "" : `${role}: `}${target.definition}, unit ${target.unitId}`;
  return `${name}: ${flow}; ${signHint({ role, target, finding })}\n`;
}

/** @param watched a meter @returns the same as one line of JSON */
export function signJson(watched: Watched): string {
  const { role, target, samples, finding } = watched;
  const { port, unitId, definition, invert } = target;
  const told = {
    schema: "edso.meter-sign/1",
    role,
    port,
    unitId,
    definition,
    invert,
    finding,
    code: faultOf(watched)?.code ?? null,
    hint: signHint(watched),
    first: samples.at(0) ?? null,
    last: samples.at(-1) ?? null,
  };
  return `${JSON.stringify(told)}\n`;
}

/** @param watched meters @throws CliError `METER_REVERSED`, `METER_SIGN_CONTRADICTS` for the first that counts the wrong way */
export function refuseWrongSigns(watched: readonly Watched[]): void {
  for (const each of watched) {
    const fault = faultOf(each);
    if (fault === null) continue;
    const { port, unitId, definition } = each.target;
    throw new CliError(fault.code, { port, unitId, definition, why: shownBy(each.finding), fix: fault.fix });
  }
}

async function lookAgain(
  watched: Watched,
  lines: OpenLines,
  dependencies: CliDependencies,
): Promise<Watched> {
  const { role, target } = watched;
  try {
    const samples = [...watched.samples, sampleOf(await lines.readOut(target))];
    return { ...watched, samples, finding: checkSign(samples, role) };
  } catch (error) {
    throw meterFailure(error, target, dependencies.meterDefinitions());
  }
}

function sampleOf({ values }: MeterReadOut): SignSample {
  const shown = (wanted: string) => values.find(({ quantity }) => quantity === wanted)?.value ?? null;
  return {
    activePowerW: shown("activePower"),
    importWh: shown("activeEnergyImport"),
    exportWh: shown("activeEnergyExport"),
  };
}

function signHint(watched: Pick<Watched, "role" | "target" | "finding">): string {
  const { finding } = watched;
  const fault = faultOf(watched);
  const shown = shownBy(finding);
  if (fault !== null) return `${shown}: ${fault.fix} (${fault.code})`;
  switch (finding.kind) {
    case "agrees":
      return `${shown}, as a ${watched.role} meter should`;
    case "ask":
      return `${shown}. Is that so at this moment? If it is the other way round: ${invertFix(watched)}`;
    case "both-ways":
      return `${shown}: one phase may be wired the other way round; look at the power of each with \`edso meter read\``;
    case "no-advance":
      return `${shown}: switch on a larger load, or watch longer with --sign-seconds`;
    case "no-current":
      return `${shown}: switch on a load of more than ${LEAST_POWER_W} W, or wait for the generator, and try again`;
    default:
      return shown;
  }
}

function shownBy(finding: SignFinding): string {
  switch (finding.kind) {
    case "agrees":
    case "ask":
    case "reversed":
      return `power and counter agree on ${finding.direction}`;
    case "contradicts":
      return `power says ${finding.power}, but the ${finding.counter} counter advances`;
    case "both-ways":
      return "both counters advance at the same time";
    case "no-advance":
      return "no counter has advanced, which way it counts cannot be told";
    case "no-current":
      return "too little flows, which way it counts cannot be told";
    default:
      return finding satisfies never;
  }
}

function faultOf({ role, target, finding }: Pick<Watched, "role" | "target" | "finding">): SignFault | null {
  if (finding.kind === "reversed") {
    const needs: FlowDirection = finding.direction === "import" ? "export" : "import";
    const fix = `a ${role} meter must show ${needs}: ${invertFix({ target })}, or turn its wiring round`;
    return { code: "METER_REVERSED", fix };
  }
  if (finding.kind !== "contradicts") return null;
  // Inverting swaps counters and sign alike, so that they would contradict each other as before.
  return {
    code: "METER_SIGN_CONTRADICTS",
    fix: "`invert` would not mend it: set the meter to count import and export apart (its measuring mode), or in a definition of your own say what its power's sign means with `positiveIs`",
  };
}

function invertFix({ target: { invert, unitId } }: Pick<Watched, "target">): string {
  return `set \`invert: ${!invert}\` for unit ${unitId} in the configuration`;
}
