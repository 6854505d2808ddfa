/** Asks a running agent over its unix socket. Answers are bounded in size and time. */
import { type IncomingMessage, request } from "node:http";
import { type Hash, isHash } from "../../core/hash.ts";
import { type Height, height } from "../../core/units.ts";
import type { IntervalView, StatusView } from "../../ports/agentView.ts";
import type { BidRequest, BidsView } from "../../ports/bidView.ts";
import type { FrameSet } from "../../ports/frameStore.ts";
import type { DsoView, EvidenceView, SwapRequest, TransactionView } from "../../ports/governanceView.ts";
import type { StoredBlock } from "../../ports/ledgerStore.ts";
import type { AccountsView, PoliciesView } from "../../ports/moneyView.ts";
import type { ProfilePoint, ProfileQuery } from "../../ports/profileStore.ts";
import { ApiError } from "./apiError.ts";
import { frameSetOf, isWireFrames } from "./frameRoute.ts";
import { isWireProfile, profilePath } from "./profileRoute.ts";
import { eventsOf } from "./serverSentEvents.ts";

const DEFAULT_TIMEOUT_MS = 5_000;
/** The largest block and certificate in base64, and room for the JSON around them. */
const DEFAULT_MAX_RESPONSE_BYTES = 16 * 1_048_576;
/** Four heartbeats of the server. */
const DEFAULT_SILENCE_MS = 60_000;
const NOT_THERE: readonly unknown[] = ["API_NO_SUCH_BLOCK", "API_NO_SUCH_FRAMES", "API_NO_PROFILE"];

/** One committed block. */
export type CommitEvent = { readonly height: Height; readonly blockHash: Hash };

/** Bounds of the client. */
export type AgentClientOptions = {
  readonly timeoutMs?: number;
  readonly maxResponseBytes?: number;
  /** Longest silence on a stream of commits. */
  readonly silenceMs?: number;
};

/** What a running agent can be asked. Every call may throw ApiError. */
export interface AgentClient {
  status(): Promise<StatusView>;
  /** @returns the intervals that block settled; null when there is no such block */
  intervals(height: Height): Promise<readonly IntervalView[] | null>;
  /** @returns the block with its certificate; null when there is no such block */
  block(height: Height): Promise<StoredBlock | null>;
  /** @returns what the agent's own reading was decoded from; null when it is not kept any more */
  frames(framesHash: Hash): Promise<FrameSet | null>;
  /** @returns points of the agent's own profile, oldest first, as many as the limit at most; null where none is kept */
  profile(query: ProfileQuery): Promise<readonly ProfilePoint[] | null>;
  dso(): Promise<DsoView>;
  evidence(): Promise<readonly EvidenceView[]>;
  policies(): Promise<PoliciesView>;
  accounts(): Promise<AccountsView>;
  /** @param candidate name of a voter; null takes the ballot back @returns the transaction, waiting for a block */
  castBallot(candidate: string | null): Promise<TransactionView>;
  bids(): Promise<BidsView>;
  /** @param request what this gateway is to bid @returns the transaction, waiting for a block */
  placeBid(request: BidRequest): Promise<TransactionView>;
  /** @param request of the installer @returns the transaction, waiting for a block */
  swapMeter(request: SwapRequest): Promise<TransactionView>;
  /** @param transaction signed, as encoded @returns the same, waiting for a block */
  submit(transaction: Uint8Array): Promise<TransactionView>;
  /**
   * @param options `after`: a height, so that every later commit is told; without it what is committed from now on
   * @returns commits in order without a gap; ends when the agent stops or the signal aborts
   */
  commits(options: { readonly after?: Height; readonly signal?: AbortSignal }): AsyncIterable<CommitEvent>;
}

/**
 * @param socketPath of the agent, as in its configuration
 * @param options bounds
 * @returns a client; nothing is opened before the first call
 */
export function agentClient(socketPath: string, options: AgentClientOptions = {}): AgentClient {
  const wire: Wire = {
    socketPath,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxResponseBytes: options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
    silenceMs: options.silenceMs ?? DEFAULT_SILENCE_MS,
  };
  return {
    status: async () => checked(await ask(wire, "/api/v1/status"), isStatus),
    intervals: async (at) => nullable(await askOrNull(wire, `/api/v1/intervals/${at}`), areIntervals),
    block: async (at) => {
      const wireBlock = nullable(await askOrNull(wire, `/api/v1/blocks/${at}`), isWireBlock);
      return wireBlock === null ? null : storedBlock(wireBlock);
    },
    frames: async (framesHash) => {
      const wireFrames = nullable(await askOrNull(wire, `/api/v1/frames/${framesHash}`), isWireFrames);
      return wireFrames === null ? null : frameSetOf(wireFrames);
    },
    profile: async (query) =>
      nullable(await askOrNull(wire, profilePath(query)), isWireProfile)?.points ?? null,
    dso: async () => checked(await ask(wire, "/api/v1/dso"), isOf<DsoView>("edso.dso/1")),
    evidence: async () => checked(await ask(wire, "/api/v1/evidence"), areEvidence),
    castBallot: async (candidate) =>
      checked(await ask(wire, "/api/v1/ballot", jsonOf({ candidate })), isTransaction),
    bids: async () => checked(await ask(wire, "/api/v1/bids"), isOf<BidsView>("edso.bids/1")),
    placeBid: async (request) => checked(await ask(wire, "/api/v1/bid", jsonOf(request)), isTransaction),
    policies: async () => checked(await ask(wire, "/api/v1/policy"), isOf<PoliciesView>("edso.policies/1")),
    accounts: async () => checked(await ask(wire, "/api/v1/accounts"), isOf<AccountsView>("edso.accounts/1")),
    swapMeter: async (request) =>
      checked(await ask(wire, "/api/v1/meters/swap", jsonOf(request)), isTransaction),
    submit: async (bytes) => {
      const sent = { type: "application/cbor", bytes };
      return checked(await ask(wire, "/api/v1/transactions", sent), isTransaction);
    },
    commits: ({ after, signal }) => commits(wire, after, signal),
  };
}

type Wire = { readonly socketPath: string } & Required<AgentClientOptions>;
type WireBlock = {
  readonly height: number;
  readonly blockHash: Hash;
  readonly block: string;
  readonly certificate: string;
};

async function* commits(
  wire: Wire,
  after: Height | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<CommitEvent, void> {
  if (signal?.aborted) return;
  const path = after === undefined ? "/api/v1/commits" : `/api/v1/commits?after=${after}`;
  const response = await open(wire, path, wire.silenceMs, signal).catch((error) => {
    if (signal?.aborted) return null;
    throw error;
  });
  if (response === null) return;
  try {
    if (response.statusCode !== 200) throw refusedBy(response, await readBody(wire, response));
    for await (const event of eventsOf(response)) {
      if (event.event === "commit") yield checked(parse(event.data), isCommit);
    }
  } catch (error) {
    if (signal?.aborted) return;
    throw error instanceof ApiError ? error : unreachable(wire, error);
  } finally {
    response.destroy();
  }
}

/** What a request carries. */
type Sent = { readonly type: string; readonly bytes: Uint8Array };

function jsonOf(body: unknown): Sent {
  return { type: "application/json", bytes: new TextEncoder().encode(JSON.stringify(body)) };
}

async function ask(wire: Wire, path: string, sent: Sent | null = null): Promise<unknown> {
  const signal = AbortSignal.timeout(wire.timeoutMs);
  const response = await open(wire, path, wire.timeoutMs, signal, sent);
  const body = await readBody(wire, response);
  if (response.statusCode !== (sent === null ? 200 : 202)) throw refusedBy(response, body);
  return parse(body);
}

/** What is not there is an answer, not a failure. */
async function askOrNull(wire: Wire, path: string): Promise<unknown> {
  return ask(wire, path).catch((error) => {
    if (error instanceof ApiError && NOT_THERE.includes(error.detail.apiCode)) return null;
    throw error;
  });
}

function open(
  wire: Wire,
  path: string,
  silenceMs: number,
  signal: AbortSignal | undefined,
  sent: Sent | null = null,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { socketPath } = wire;
    const headers = sent && { "content-type": sent.type, "content-length": sent.bytes.length };
    const carried = headers === null ? {} : { method: "POST", headers };
    const aborted = signal === undefined ? {} : { signal };
    const options = { socketPath, path, agent: false, ...carried, ...aborted };
    const outgoing = request(options, resolve);
    outgoing.setTimeout(silenceMs, () => outgoing.destroy(new Error(`silent for ${silenceMs} ms`)));
    outgoing.once("error", (error) => reject(unreachable(wire, error)));
    outgoing.end(sent?.bytes);
  });
}

async function readBody(wire: Wire, response: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > wire.maxResponseBytes) {
        throw new ApiError("API_MALFORMED", { reason: "too long", maxBytes: wire.maxResponseBytes });
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof ApiError ? error : unreachable(wire, error);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError("API_MALFORMED", { reason: "not JSON" }, error);
  }
}

function refusedBy(response: IncomingMessage, body: string): ApiError {
  const answer = parse(body);
  const status = response.statusCode ?? 0;
  if (!isRecord(answer) || typeof answer.code !== "string" || typeof answer.message !== "string") {
    return new ApiError("API_MALFORMED", { reason: "an error of another form", status });
  }
  return new ApiError("API_REFUSED", { status, apiCode: answer.code, reason: answer.message });
}

function unreachable({ socketPath }: Wire, cause: unknown): ApiError {
  const fix = "start the agent with `edso start --config FILE`, or name its socket with --socket";
  return new ApiError("API_UNREACHABLE", { socketPath, fix }, cause);
}

function checked<T>(answer: unknown, isExpected: (answer: unknown) => answer is T): T {
  if (!isExpected(answer)) throw new ApiError("API_MALFORMED", { reason: "another schema" });
  return answer;
}

function nullable<T>(answer: unknown, isExpected: (answer: unknown) => answer is T): T | null {
  return answer === null ? null : checked(answer, isExpected);
}

function storedBlock(wire: WireBlock): StoredBlock {
  return {
    height: height(wire.height),
    blockHash: wire.blockHash,
    block: Uint8Array.from(Buffer.from(wire.block, "base64")),
    certificate: Uint8Array.from(Buffer.from(wire.certificate, "base64")),
  };
}

function isStatus(answer: unknown): answer is StatusView {
  return isRecord(answer) && answer.schema === "edso.status/1";
}

function isOf<View>(schema: string): (answer: unknown) => answer is View {
  return (answer): answer is View => isRecord(answer) && answer.schema === schema;
}

function areEvidence(answer: unknown): answer is readonly EvidenceView[] {
  return Array.isArray(answer) && answer.every(isOf<EvidenceView>("edso.evidence/1"));
}

const isTransaction = isOf<TransactionView>("edso.transaction/1");

function areIntervals(answer: unknown): answer is readonly IntervalView[] {
  return Array.isArray(answer) && answer.every((view) => isRecord(view) && view.schema === "edso.interval/2");
}

function isWireBlock(answer: unknown): answer is WireBlock {
  if (!isRecord(answer) || answer.schema !== "edso.stored-block/1" || !isHeight(answer.height)) return false;
  const { blockHash, block, certificate } = answer;
  return isHashText(blockHash) && typeof block === "string" && typeof certificate === "string";
}

function isCommit(answer: unknown): answer is CommitEvent {
  return isRecord(answer) && isHeight(answer.height) && isHashText(answer.blockHash);
}

function isHeight(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isHashText(value: unknown): boolean {
  return typeof value === "string" && isHash(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
