/** The profile between the boundaries, as the local API sends it: to the household's own eyes. */
import type { Context } from "hono";
import { unixMs } from "../../core/units.ts";
import type { AgentView } from "../../ports/agentView.ts";
import type { ProfilePoint, ProfileQuery } from "../../ports/profileStore.ts";

/** `GET /api/v1/profile?from=&to=&limit=`: instants in Unix ms; more than `limit` come in further answers. */
type WireProfile = {
  readonly schema: "edso.profile/1";
  readonly points: readonly ProfilePoint[];
  /** False when the limit was reached: what is missing begins after the last point. */
  readonly isComplete: boolean;
};

/** Most points of one answer: a day of two meters, every ten seconds. */
export const MAX_PROFILE_POINTS = 20_000;

/** @param context of the request @param view of the agent @returns the points, or why there are none */
export async function sendProfile(context: Context, view: AgentView): Promise<Response> {
  const query = queryOf(context);
  if (query === null) {
    const message = `from and to are Unix ms, to after from; limit is 1 to ${MAX_PROFILE_POINTS}`;
    return context.json({ code: "API_BAD_PROFILE", message }, 400);
  }
  const points = await view.profile(query);
  if (points === null)
    return context.json(
      { code: "API_NO_PROFILE", message: "profile.everySeconds is 0: no profile is kept" },
      404,
    );
  const answer: WireProfile = { schema: "edso.profile/1", points, isComplete: points.length < query.limit };
  return context.json(answer);
}

/** @param query of the client @returns the path with it */
export function profilePath({ fromMs, toMs, limit }: ProfileQuery): string {
  return `/api/v1/profile?from=${fromMs}&to=${toMs}&limit=${limit}`;
}

/** @param answer of an agent @returns true when it is a profile */
export function isWireProfile(answer: unknown): answer is WireProfile {
  if (!isRecord(answer) || answer.schema !== "edso.profile/1" || typeof answer.isComplete !== "boolean")
    return false;
  return Array.isArray(answer.points) && answer.points.every(isPoint);
}

function queryOf(context: Context): ProfileQuery | null {
  const [from, to, limit] = ["from", "to", "limit"].map((name) => wholeOf(context.req.query(name)));
  if (from === undefined || to === undefined || from >= to) return null;
  const most = limit ?? MAX_PROFILE_POINTS;
  if (most < 1 || most > MAX_PROFILE_POINTS) return null;
  return { fromMs: unixMs(from), toMs: unixMs(to), limit: most };
}

function wholeOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function isPoint(value: unknown): value is ProfilePoint {
  if (!isRecord(value) || !Number.isSafeInteger(value.atMs) || !Number.isSafeInteger(value.meter))
    return false;
  return [value.activePowerW, value.importWh, value.exportWh].every(
    (one) => one === null || Number.isSafeInteger(one),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
