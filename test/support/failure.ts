/** Failures are compared by code. */
import * as assert from "uvu/assert";
import { type AgentError, isAgentError } from "../../agent/core/errors.ts";

/** @param attempt what must fail @param code how @returns the failure, for its detail */
export async function failsWith(attempt: () => unknown, code: string): Promise<AgentError> {
  try {
    await attempt();
  } catch (error) {
    if (!isAgentError(error)) throw error;
    assert.is(error.code, code, error.message);
    return error;
  }
  return assert.unreachable(`expected ${code}, got no failure`) as never;
}
