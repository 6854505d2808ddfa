/** The routes of the local API. Errors are JSON with a stable code. */
import { type Context, Hono } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { isAgentError } from "../../core/errors.ts";
import { type Height, height } from "../../core/units.ts";
import type { AgentView } from "../../ports/agentView.ts";
import type { LineLender } from "../../ports/commissioning.ts";
import type { Logger } from "../../ports/logger.ts";
import { addBidRoutes } from "./bidRoutes.ts";
import type { CommitFeed } from "./commitFeed.ts";
import { sendFrames } from "./frameRoute.ts";
import { addGovernanceRoutes } from "./governanceRoutes.ts";
import { loanRoute } from "./lineLoans.ts";
import { sendProfile } from "./profileRoute.ts";

/** What the routes are made of. */
export type ApiModules = {
  readonly view: AgentView;
  readonly lender: LineLender;
  readonly feed: CommitFeed;
  readonly logger: Logger;
  /** Most clients that may follow the commits at once. */
  readonly maxFollowers: number;
};

type Status = 400 | 404 | 500 | 503;

/** @param modules the agent and its commits @returns the routes */
export function createApi(modules: ApiModules): Hono {
  const { view, logger } = modules;
  const api = new Hono();
  api.get("/healthz", (context) => context.json({ status: "ok" }));
  api.get("/readyz", async (context) => {
    const isReady = await view.status().then(
      () => true,
      () => false,
    );
    if (!isReady) return refuse(context, 503, "API_NOT_READY", "the agent cannot tell its status yet");
    return context.json({ status: "ready" });
  });
  api.get("/api/v1/status", async (context) => context.json(await view.status()));
  api.get("/api/v1/blocks/:height", (context) => sendBlock(context, view));
  api.get("/api/v1/intervals/:height", (context) => sendIntervals(context, view));
  api.get("/api/v1/frames/:hash", (context) => sendFrames(context, view));
  api.get("/api/v1/profile", (context) => sendProfile(context, view));
  api.get("/api/v1/commits", commitsRoute(modules));
  api.post("/api/v1/lines/loan", loanRoute(modules));
  addGovernanceRoutes(api, view.governance);
  addBidRoutes(api, view.bids);
  api.get("/api/v1/policy", async (context) => context.json(await view.money.policies()));
  api.get("/api/v1/accounts", async (context) => context.json(await view.money.accounts()));
  api.notFound((context) =>
    refuse(context, 404, "API_NO_SUCH_ROUTE", `${context.req.path} is no route of this API`),
  );
  api.onError((error, context) => {
    logger.error("api.request.failed", error, { path: context.req.path });
    const code = isAgentError(error) ? error.code : "API_INTERNAL";
    return refuse(context, 500, code, error.message);
  });
  return api;
}

async function sendBlock(context: Context, view: AgentView): Promise<Response> {
  const at = heightOf(context.req.param("height"));
  if (at === null) return badHeight(context);
  const found = await view.block(at);
  if (found === null) return noBlock(context, at);
  return context.json({
    schema: "edso.stored-block/1",
    height: found.height,
    blockHash: found.blockHash,
    block: base64(found.block),
    certificate: base64(found.certificate),
  });
}

async function sendIntervals(context: Context, view: AgentView): Promise<Response> {
  const at = heightOf(context.req.param("height"));
  if (at === null) return badHeight(context);
  const found = await view.intervals(at);
  return found === null ? noBlock(context, at) : context.json(found);
}

/** The height a client has seen is `after`, or after a reconnect the id of the last event. */
function commitsRoute({ feed, maxFollowers }: ApiModules): (context: Context) => Response {
  let followers = 0;
  return (context) => {
    const seen = context.req.header("last-event-id") ?? context.req.query("after");
    const after = seen === undefined ? null : heightOf(seen);
    if (seen !== undefined && after === null) return badHeight(context);
    if (followers >= maxFollowers) {
      return refuse(context, 503, "API_TOO_MANY_FOLLOWERS", `${maxFollowers} clients follow already`);
    }
    followers += 1;
    return streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      try {
        await sendCommits(stream, feed, after, gone.signal);
      } finally {
        followers -= 1;
      }
    });
  };
}

async function sendCommits(
  stream: SSEStreamingApi,
  feed: CommitFeed,
  after: Height | null,
  signal: AbortSignal,
): Promise<void> {
  for await (const event of feed.follow(after, signal)) {
    switch (event.kind) {
      case "heartbeat":
        await stream.write(": alive\n\n");
        break;
      case "commit": {
        const data = JSON.stringify({ height: event.height, blockHash: event.blockHash });
        await stream.writeSSE({ event: "commit", id: String(event.height), data });
        break;
      }
      default:
        event satisfies never;
    }
  }
}

function heightOf(text: string | undefined): Height | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? height(Number(text)) : null;
}

function badHeight(context: Context): Response {
  return refuse(context, 400, "API_BAD_HEIGHT", "a height is a whole number from 0");
}

function noBlock(context: Context, at: Height): Response {
  return refuse(context, 404, "API_NO_SUCH_BLOCK", `there is no block at height ${at}`);
}

function refuse(context: Context, status: Status, code: string, message: string): Response {
  return context.json({ code, message }, status);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
