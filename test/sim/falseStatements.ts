/** Readings and certificates that a liar makes up. */
import type { InstanceState } from "../../agent/core/consensus/instanceState.ts";
import type { PreparedCertificate } from "../../agent/core/consensus/message.ts";
import { quorum } from "../../agent/core/consensus/quorum.ts";
import { preparesFor } from "../../agent/core/consensus/voteKeeper.ts";
import type { Coverage, Edge } from "../../agent/core/metering/coverage.ts";
import type { Measured, Reading } from "../../agent/core/metering/reading.ts";
import { type IntervalIndex, intervalIndex, type Round, wh } from "../../agent/core/units.ts";

/** @param reading a right one @returns some that the ledger must not settle: figures, sequence or registers do not follow */
export function falseReadings(reading: Reading & { readonly content: Measured }): readonly Reading[] {
  const { content } = reading;
  const meters = content.meters.map((meter) => ({
    ...meter,
    start: meter.start.map((value) => wh(value + 7n)),
    end: meter.end.map((value) => wh(value + 7n)),
  }));
  return [
    {
      ...reading,
      content: { ...content, generated: wh(content.generated + 1n), position: wh(content.position + 1n) },
    },
    { ...reading, sequence: Math.max(0, reading.sequence - 1) },
    { ...reading, content: { ...content, meters } },
  ];
}

/**
 * @param reading a right one that has just been made
 * @param coverage of the liar in its own ledger
 * @returns late statements that the ledger must not settle: over settled intervals, beyond a gap, or from other registers
 */
export function falseLate(
  { interval, content, ...rest }: Reading & { readonly content: Measured },
  { gaps }: Coverage,
): readonly Reading[] {
  const at = (steps: number) => intervalIndex(interval + steps);
  const span = (from: number, to: number, shift = 0n): Reading => ({
    ...rest,
    interval: intervalIndex(to),
    content: {
      kind: "spanning",
      from: intervalIndex(from),
      meters: content.meters.map((meter) => ({ ...meter, end: meter.end.map((value) => wh(value + shift)) })),
    },
  });
  const around = gaps.slice(0, 1).flatMap((gap): readonly Reading[] => {
    const { from, to, before } = gap;
    const over = [span(from, to + 1), span(from - 1, to), span(from, to, 7n)];
    return [
      ...over,
      { ...rest, interval: from, content },
      ...(before === null ? [] : [leap(rest, from, before)]),
    ];
  });
  return [{ ...rest, interval: at(-2), content }, span(interval - 2, interval - 1), ...around];
}

/** Joins what is settled before it, and is more than any connection carries. */
function leap(
  rest: Omit<Reading, "interval" | "content">,
  from: IntervalIndex,
  { registers }: Edge,
): Reading {
  const meters = registers.map((start, meter) => ({
    meter,
    start,
    end: start.map((value) => wh(value + 1_000_000n)),
    resolutionMilliWh: 0,
  }));
  return { ...rest, interval: from, content: { kind: "spanning", from, meters } };
}

/** @param instance of the liar @param before which round @returns a certificate that is short of a quorum; null when it has no PREPARE */
export function thinCertificate(
  { keeper, config }: InstanceState,
  before: Round,
): PreparedCertificate | null {
  const votes = [...keeper.voters.values()].flatMap(({ rounds }) => [...rounds.values()]);
  for (const { proposal } of votes.toReversed()) {
    if (proposal === undefined || proposal.round >= before) continue;
    const { height, round, blockHash } = proposal;
    const prepares = preparesFor(keeper, round, blockHash).slice(0, quorum(config.voters.length) - 1);
    const signers = prepares.map(({ voter, signature }) => ({ voter, signature }));
    if (signers.length > 0) return { height, round, blockHash, signers };
  }
  return null;
}
