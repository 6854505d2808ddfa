/**
 * `POST /api/v1/lines/loan?port=…`: lends a line for as long as the connection stands. A command that is killed
 * gives back by dying; nobody has to remember anything.
 */
import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { isAgentError } from "../../core/errors.ts";
import type { LineLender, LineLoan } from "../../ports/commissioning.ts";
import type { Logger } from "../../ports/logger.ts";

/** Longest loan: a meter that is not read for longer is an outage that nobody asked for. */
const MAX_LOAN_MS = 3_600_000;
const HEARTBEAT_MS = 5_000;
/** Longest name of a device. @source limits.h (PATH_MAX) */
const MAX_PORT_CHARACTERS = 4_096;

/** What the route is made of. */
export type LoanModules = { readonly lender: LineLender; readonly logger: Logger };

/** @param modules who lends @returns the route */
export function loanRoute(modules: LoanModules): (context: Context) => Promise<Response> {
  const { lender, logger } = modules;
  return async (context) => {
    const port = context.req.query("port") ?? "";
    if (port === "" || port.length > MAX_PORT_CHARACTERS)
      return context.json({ code: "API_BAD_PORT", message: "name the line with ?port=" }, 400);
    const loan = await lend(lender, port);
    if (loan === null)
      return context.json({ code: "API_NO_SUCH_LINE", message: `no line of this agent is ${port}` }, 404);
    if (loan === "lent")
      return context.json({ code: "API_LINE_LENT", message: `${port} is lent to another command` }, 409);
    logger.info("line.lent", { port: loan.port });
    return streamSSE(context, async (stream) => {
      try {
        await stream.writeSSE({ event: "lent", data: JSON.stringify({ port: loan.port }) });
        await untilGone(stream);
      } finally {
        await loan.takeBack();
        logger.info("line.returned", { port: loan.port });
      }
    });
  };
}

async function lend(lender: LineLender, port: string): Promise<LineLoan | "lent" | null> {
  try {
    return await lender.lend(port);
  } catch (error) {
    if (isAgentError(error) && error.code === "DRIVER_PORT_LENT") return "lent";
    throw error;
  }
}

/** Settles when the client has gone, or has had the line for long enough. */
async function untilGone(stream: SSEStreamingApi): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    stream.onAbort(resolve);
    if (stream.aborted) resolve();
  });
  const endsAtMs = performance.now() + MAX_LOAN_MS;
  while (!stream.aborted && performance.now() < endsAtMs) {
    let timer: NodeJS.Timeout | undefined;
    const beat = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, HEARTBEAT_MS);
    });
    await Promise.race([gone, beat]);
    clearTimeout(timer);
    if (!stream.aborted) await stream.write(": alive\n\n");
  }
}
