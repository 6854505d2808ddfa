/** `edso meter profile`: what the meters showed between the boundaries, as the running agent has kept it. */
import type { Command } from "commander";
import { unixMs } from "../core/units.ts";
import type { ProfilePoint } from "../ports/profileStore.ts";
import { CliError, usageError } from "./cliError.ts";
import type { ApiClient, CliDependencies } from "./dependencies.ts";
import { configOf, type PlaceFlags, withPlace } from "./place.ts";
import { textTable } from "./textTable.ts";
import { wholeNumber } from "./wholeNumber.ts";

type ProfileFlags = PlaceFlags & {
  readonly minutes: string;
  readonly until?: string;
  readonly socket?: string;
  readonly json?: boolean;
};

const MS_PER_MINUTE = 60_000;
/** Points asked for at once; the agent gives no more. */
const PAGE_POINTS = 20_000;
/** A day of four meters every second. */
const MAX_POINTS = 345_600;

/** @param command without options @param dependencies of the composition root */
export function defineMeterProfile(command: Command, dependencies: CliDependencies): void {
  withPlace(command)
    .description("print what the meters showed between the boundaries; it never leaves this gateway")
    .option("--minutes <count>", "how far back, from --until", "60")
    .option("--until <time>", "the end, RFC 3339 (default: now)")
    .option("--socket <path>", "socket of the agent, without a configuration")
    .option("--json", "print one JSON line for each point")
    .action((flags: ProfileFlags) => profile(flags, dependencies));
}

async function profile(flags: ProfileFlags, dependencies: CliDependencies): Promise<void> {
  const { terminal } = dependencies;
  const toMs = flags.until === undefined ? Date.now() : Date.parse(flags.until);
  if (!Number.isSafeInteger(toMs) || toMs < 0)
    throw usageError(`--until is ${JSON.stringify(flags.until)}`, "give a time such as 2026-01-31T12:00:00Z");
  const minutes = wholeNumber("--minutes", flags.minutes, 1, 600_000);
  const fromMs = Math.max(0, toMs - minutes * MS_PER_MINUTE);
  const client = dependencies.agentClient(flags.socket ?? configOf(flags, dependencies).api.socket);
  const points = await pointsOf(client, fromMs, toMs);
  const roles = (await client.status()).meters.map(({ role }) => role);
  if (flags.json === true) for (const point of points) terminal.out(pointJson(point, roles));
  else terminal.out(pointsText(points, roles));
}

/** Page after page: the next one begins with the instant of the last point, of which another meter may have more. */
async function pointsOf(client: ApiClient, fromMs: number, toMs: number): Promise<readonly ProfilePoint[]> {
  const points: ProfilePoint[] = [];
  let nextMs = fromMs;
  while (nextMs < toMs && points.length < MAX_POINTS) {
    const page = await client.profile({ fromMs: unixMs(nextMs), toMs: unixMs(toMs), limit: PAGE_POINTS });
    if (page === null)
      throw new CliError("PROFILE_NOT_KEPT", { why: "profile.everySeconds is 0 in the configuration" });
    const lastMs = page.at(-1)?.atMs;
    if (lastMs === undefined || page.length < PAGE_POINTS || lastMs === nextMs) return [...points, ...page];
    points.push(...page.filter(({ atMs }) => atMs < lastMs));
    nextMs = lastMs;
  }
  return points;
}

function pointsText(points: readonly ProfilePoint[], roles: readonly string[]): string {
  if (points.length === 0) return "no point is kept of that time\n";
  const rows = points.map(({ atMs, meter, activePowerW, importWh, exportWh }) => [
    new Date(atMs).toISOString(),
    roles[meter] ?? String(meter),
    ...[activePowerW, importWh, exportWh].map((value) => (value === null ? "n/a" : String(value))),
  ]);
  const headings = ["time", "meter", "W", "import Wh", "export Wh"];
  return `${textTable(headings, rows, ["left", "left", "right", "right", "right"]).join("\n")}\n`;
}

function pointJson({ atMs, meter, ...values }: ProfilePoint, roles: readonly string[]): string {
  const told = {
    schema: "edso.profile-point/1",
    at: new Date(atMs).toISOString(),
    role: roles[meter] ?? null,
  };
  return `${JSON.stringify({ ...told, ...values })}\n`;
}
