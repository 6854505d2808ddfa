/**
 * A gateway's transport in a process of its own, for tests. Its first argument is JSON, see {@link ChildPlan};
 * it tells its parent over IPC what it hears, publishes what it is told to, or asks with it what begins with "?", answers
 * a request with its bytes reversed, and ends when the parent hangs up.
 */
import "../../agent/compat.ts";
import { createTransport } from "../../agent/adapters/transport/libp2pTransport.ts";
import { accept } from "../../agent/core/verdict.ts";
import type { RosterEntry } from "../../agent/ports/transport.ts";
import { eventLog } from "./eventLog.ts";
import { liveClock } from "./liveClock.ts";
import { seedOf } from "./transportStreet.ts";
import { until } from "./until.ts";

/** What the child is. */
export type ChildPlan = {
  readonly seed: number;
  readonly listen: string;
  readonly roster: readonly RosterEntry[];
};

/** What the child says. */
export type ChildReport =
  | { readonly kind: "connected" }
  | { readonly kind: "heard"; readonly text: string; readonly peerId: string }
  | { readonly kind: "published"; readonly text: string; readonly recipients: number }
  | { readonly kind: "answered"; readonly text: string; readonly peerId: string }
  | { readonly kind: "fault"; readonly reason: string };

const plan = JSON.parse(process.argv[2] ?? "") as ChildPlan;
const report = (message: ChildReport) => process.send?.(message);
const transport = createTransport({
  secretKey: seedOf(plan.seed),
  listen: [plan.listen],
  roster: plan.roster,
  topicPrefix: "edso/1/test",
  logger: eventLog(),
  clock: liveClock,
  onFault: (error) => report({ kind: "fault", reason: String(error) }),
});

process.on("disconnect", () => void transport.stop());
process.on("message", (text: string) => void (text.startsWith("?") ? ask(text) : publish(text)));
transport.serve(async ({ bytes }) => bytes.toReversed());
await transport.start(({ bytes, peerId }) => {
  report({ kind: "heard", text: new TextDecoder().decode(bytes), peerId });
  return accept(null);
});
await until("the street is connected", () => transport.peers().every((peer) => peer.connected));
report({ kind: "connected" });

async function publish(text: string): Promise<void> {
  const recipients = await transport.publish("readings", new TextEncoder().encode(text));
  report({ kind: "published", text, recipients });
}

async function ask(text: string): Promise<void> {
  for (const { peerId } of transport.peers()) {
    const limits = { timeoutMs: 10_000, maxAnswerBytes: transport.maxAnswerBytes };
    const answer = await transport.request(peerId, new TextEncoder().encode(text), limits);
    report({ kind: "answered", text: new TextDecoder().decode(answer), peerId });
  }
}
