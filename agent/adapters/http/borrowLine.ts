/** Asks a running agent for one of its lines; the line is given back when the connection ends, however it ends. */
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { ApiError } from "./apiError.ts";

/** The agent finishes the request that is under way, which takes at most as long as a meter's time limit. */
const LOAN_LIMIT_MS = 45_000;
const MAX_BODY_BYTES = 65_536;
const NOT_FOUND = 404;
const OK = 200;
const CONFLICT = 409;

/** A line that was borrowed. */
export type BorrowedLine = {
  /** Ends the loan: the agent opens the line again. */
  giveBack(): Promise<void>;
};

/**
 * Borrows a line.
 *
 * @param socketPath of the agent
 * @param port any name of the line's device, or its address
 * @returns the loan; null when no agent runs there, or it has no such line
 * @throws ApiError `API_REFUSED`, `API_LINE_LENT`, `API_UNREACHABLE` when the agent does not let go in time
 */
export async function borrowLine(socketPath: string, port: string): Promise<BorrowedLine | null> {
  const answered = await ask(socketPath, port);
  if (answered === null) return null;
  const { outgoing, response } = answered;
  if (response.statusCode === OK) return loanOf(outgoing, response);
  const body = await bodyOf(response);
  if (response.statusCode === NOT_FOUND) return null;
  const reason = body.slice(0, 200);
  throw new ApiError(response.statusCode === CONFLICT ? "API_LINE_LENT" : "API_REFUSED", { port, reason });
}

function ask(
  socketPath: string,
  port: string,
): Promise<{ readonly outgoing: ClientRequest; readonly response: IncomingMessage } | null> {
  const path = `/api/v1/lines/loan?port=${encodeURIComponent(port)}`;
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path, method: "POST", agent: false });
    const limit = setTimeout(
      () => outgoing.destroy(new ApiError("API_UNREACHABLE", { socketPath, limitMs: LOAN_LIMIT_MS })),
      LOAN_LIMIT_MS,
    );
    outgoing.once("response", (response) => {
      clearTimeout(limit);
      resolve({ outgoing, response });
    });
    outgoing.once("error", (error) => {
      clearTimeout(limit);
      // Nobody listens there: then nobody has the line either.
      const code = "code" in error ? error.code : undefined;
      if (code === "ENOENT" || code === "ECONNREFUSED") resolve(null);
      else reject(error instanceof ApiError ? error : unreachable(socketPath, code, error));
    });
    outgoing.end();
  });
}

function unreachable(socketPath: string, code: unknown, cause: Error): ApiError {
  const isForbidden = code === "EACCES";
  const fix = isForbidden
    ? "run the command as the agent's user, for instance with sudo -u"
    : "see the agent's log";
  return new ApiError("API_UNREACHABLE", { socketPath, fix }, cause);
}

function loanOf(outgoing: ClientRequest, response: IncomingMessage): BorrowedLine {
  const closed = new Promise<void>((resolve) => response.once("close", () => resolve()));
  outgoing.on("error", () => {});
  response.on("error", () => {});
  response.resume();
  return {
    giveBack: async () => {
      outgoing.destroy();
      await closed;
    },
  };
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    body += Buffer.from(chunk).toString("utf8");
    if (body.length > MAX_BODY_BYTES) break;
  }
  return body;
}
