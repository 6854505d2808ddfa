/**
 * Routes for office, evidence and transactions. Only who may open the socket gets here: the user of the agent and its
 * group. A transaction is judged as one from the gossip is.
 */
import type { Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { decode } from "../../core/codec.ts";
import { isAgentError } from "../../core/errors.ts";
import { MAX_TRANSACTION_BYTES, signedTransaction } from "../../core/ledger/state/transaction.ts";
import { METER_ROLES, METER_SERIAL } from "../../core/membership/enrolment.ts";
import type { GovernanceApi, SwapRequest } from "../../ports/governanceView.ts";

/** Longest ballot as JSON. */
const MAX_BALLOT_BYTES = 256;
/** Longest statement of a swap as JSON. */
const MAX_SWAP_BYTES = 1_024;
/** Failures that a later attempt may not have. */
export const NOT_NOW: readonly string[] = ["TRANSACTIONS_WAITING", "TRANSACTION_NOT_DURABLE"];

/** @param api to add the routes to @param governance of the agent */
export function addGovernanceRoutes(api: Hono, governance: GovernanceApi): void {
  api.get("/api/v1/dso", async (context) => context.json(await governance.dso()));
  api.get("/api/v1/evidence", async (context) => context.json(await governance.evidence()));
  api.post("/api/v1/ballot", limit(MAX_BALLOT_BYTES), (context) => castBallot(context, governance));
  api.post("/api/v1/meters/swap", limit(MAX_SWAP_BYTES), (context) => swapMeter(context, governance));
  api.post("/api/v1/transactions", limit(MAX_TRANSACTION_BYTES), (context) =>
    takeTransaction(context, governance),
  );
}

async function castBallot(context: Context, governance: GovernanceApi): Promise<Response> {
  const ballot: unknown = await context.req.json().catch(() => null);
  const candidate = (ballot as { candidate?: unknown } | null)?.candidate;
  if (candidate !== null && typeof candidate !== "string")
    return refuse(context, 400, "API_BAD_BALLOT", 'a ballot is {"candidate": "name"} or {"candidate": null}');
  try {
    const taken = await governance.castBallot(candidate);
    if (taken === null) return refuse(context, 404, "API_NO_SUCH_VOTER", `there is no voter ${candidate}`);
    return context.json(taken, 202);
  } catch (error) {
    if (isAgentError(error) && NOT_NOW.includes(error.code))
      return refuse(context, 503, error.code, error.message);
    throw error;
  }
}

async function swapMeter(context: Context, governance: GovernanceApi): Promise<Response> {
  const request: unknown = await context.req.json().catch(() => null);
  if (!isSwapRequest(request))
    return refuse(
      context,
      400,
      "API_BAD_SWAP",
      "a swap names a role, two serial numbers, and one or two registers of each meter in whole Wh",
    );
  const taken = await governance.swapMeter(request).catch((error: unknown) => {
    if (isAgentError(error) && NOT_NOW.includes(error.code)) return error;
    throw error;
  });
  if (isAgentError(taken)) return refuse(context, 503, taken.code, taken.message);
  if (taken.kind === "accept") return context.json(taken.value, 202);
  return refuse(context, 409, taken.code, taken.detail ?? "the swap is refused");
}

function isSwapRequest(value: unknown): value is SwapRequest {
  const { role, oldSerial, newSerial, oldEndWh, newStartWh } = (value ?? {}) as Record<string, unknown>;
  return (
    METER_ROLES.some((known) => known === role) &&
    [oldSerial, newSerial].every((serial) => typeof serial === "string" && METER_SERIAL.test(serial)) &&
    [oldEndWh, newStartWh].every(areRegisters)
  );
}

function areRegisters(value: unknown): boolean {
  const isRegister = (one: unknown) => Number.isSafeInteger(one) && Number(one) >= 0;
  return Array.isArray(value) && value.length >= 1 && value.length <= 2 && value.every(isRegister);
}

async function takeTransaction(context: Context, governance: GovernanceApi): Promise<Response> {
  const received = new Uint8Array(await context.req.arrayBuffer());
  const read = decode(received, signedTransaction, MAX_TRANSACTION_BYTES);
  if (read.kind !== "accept") return refuse(context, 400, read.code, "this is no transaction");
  const taken = governance.take(read.value);
  if (taken.kind === "accept") return context.json(taken.value, 202);
  return refuse(context, 409, taken.code, taken.detail ?? "the transaction is refused");
}

function limit(maxBytes: number) {
  return bodyLimit({
    maxSize: maxBytes,
    onError: (context) => refuse(context, 413, "API_TOO_LONG", `${maxBytes} bytes at most`),
  });
}

function refuse(
  context: Context,
  status: 400 | 404 | 409 | 413 | 503,
  code: string,
  message: string,
): Response {
  return context.json({ code, message }, status);
}
