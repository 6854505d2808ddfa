/** Messages judged, by channel and verdict, since a start. */
import { TopicValidatorResult } from "@chainsafe/libp2p-gossipsub";
import type { Channel } from "../../ports/transport.ts";

/** How gossipsub calls our verdicts. */
export const TO_GOSSIPSUB = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
} as const;

/** Counts that go on. */
export type Counters = Record<Channel, Record<"accept" | "ignore" | "reject", number>>;

/** @returns nothing judged yet */
export function zeroCounters(): Counters {
  const zero = () => ({ accept: 0, ignore: 0, reject: 0 });
  return { readings: zero(), transactions: zero(), votes: zero() };
}
