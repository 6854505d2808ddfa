/** Readings and certificates that a liar makes up. */
import { encodeCommitCertificate } from "../../agent/core/consensus/certificateCodec.ts";
import type { InstanceState } from "../../agent/core/consensus/instanceState.ts";
import { NO_ITEMS } from "../../agent/core/consensus/item.ts";
import type { PreparedCertificate } from "../../agent/core/consensus/message.ts";
import { quorum } from "../../agent/core/consensus/quorum.ts";
import { preparesFor } from "../../agent/core/consensus/voteKeeper.ts";
import { encodeBlock } from "../../agent/core/ledger/blocks/block.ts";
import type { ChainEntry } from "../../agent/core/ledger/chain/chain.ts";
import { contextOfNext, type LedgerContext } from "../../agent/core/ledger/state/context.ts";
import type { LedgerState } from "../../agent/core/ledger/state/state.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import type { Coverage, Edge } from "../../agent/core/metering/coverage.ts";
import { framesHashOf } from "../../agent/core/metering/delta.ts";
import { energyOf, type Registers, registerCount, spansOf } from "../../agent/core/metering/energy.ts";
import type { Measured, MeterRegisters, Reading, Spanning } from "../../agent/core/metering/reading.ts";
import { SIGNATURE_BYTES } from "../../agent/core/signature.ts";
import { intervalIndex, type Round, round as roundOf, wh } from "../../agent/core/units.ts";
import { buildProposal } from "../../agent/services/agreement/dso.ts";
import { readingPool } from "../../agent/services/pools/readingPool.ts";
import type { Gateway } from "./gateway.ts";

const FORGED = new Uint8Array(SIGNATURE_BYTES).fill(1);

/** @param gateway that lies @param context of its street @returns a block of the next height that no quorum decided, with a certificate of its own vote alone; undefined without a vote */
export function uncertifiedBlock(gateway: Gateway, context: LedgerContext): ChainEntry | undefined {
  const { ledger, transactions } = gateway.life;
  const { state, headCertificate } = ledger;
  const { voters } = ledger.next.voters;
  if (voters.every(({ id }) => id !== gateway.options.member.id)) return undefined;
  const nowMs = gateway.nowMs();
  const built = buildProposal({
    context,
    state,
    headCertificate,
    pool: readingPool(() => 0),
    transactions,
    round: roundOf(0),
    justification: null,
    nowMs,
  });
  const { height } = built.block.header;
  const blockHash = built.state.head;
  const signer = { voter: gateway.options.member.id, signature: FORGED, held: NO_ITEMS };
  const certificate = { height, round: roundOf(0), blockHash, signers: [signer] };
  return {
    height,
    blockHash,
    block: encodeBlock(built.block),
    certificate: encodeCommitCertificate(certificate, voters),
  };
}

/**
 * @param reading a right one
 * @param other another member
 * @returns some that the ledger must not settle: figures, sequence or registers do not follow, or another one's name
 */
export function falseReadings(
  reading: Reading & { readonly content: Measured },
  other: MemberId,
): readonly Reading[] {
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
    { ...reading, member: other, content: { kind: "missing", reason: "meter-error" } },
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
  const spanOf = (from: number, to: number, meters: readonly MeterRegisters[]): Reading => ({
    ...rest,
    interval: intervalIndex(to),
    content: { kind: "spanning", from: intervalIndex(from), meters },
  });
  const span = (from: number, to: number, shift = 0n): Reading => {
    const ends = content.meters.map((meter) => ({
      ...meter,
      end: meter.end.map((value) => wh(value + shift)),
    }));
    return spanOf(from, to, ends);
  };
  const around = gaps.slice(0, 1).flatMap((gap): readonly Reading[] => {
    const { from, to, before, after } = gap;
    const over = [span(from, to + 1), span(from - 1, to), span(from, to, 7n)];
    const single = { ...rest, interval: from, content };
    if (before === null) return [...over, single];
    const far = before.registers.map((meter) => meter.map((value) => wh(value + 1_000_000n)));
    const wide = after === null ? [] : [spanOf(from, to + 1, joined(before, after.registers))];
    return [...over, single, spanOf(from, from, joined(before, far)), ...wide];
  });
  return [{ ...rest, interval: at(-2), content }, span(interval - 2, interval - 1), ...around];
}

/**
 * @param context of the street
 * @param state that it goes on from
 * @param reading of any member, also of one that has left
 * @returns another of the same member and interval that joins what is settled: nothing is wrong with it, but that its
 *   member never made it
 */
export function inventedReading(
  context: LedgerContext,
  state: LedgerState,
  reading: Pick<Reading, "member" | "interval" | "sequence" | "boot" | "time">,
): Reading {
  const [present, first] = [contextOfNext(context, state), context].map(({ roster }) =>
    roster.byId.get(reading.member),
  );
  const member = (present ?? first)!;
  const edge = state.members.get(reading.member)?.coverage.edge ?? null;
  const meters = member.meters.map(({ role }, meter): MeterRegisters => {
    const start = edge?.registers[meter] ?? Array.from({ length: registerCount(role) }, () => wh(0n));
    return { meter, start, end: start.map((value) => wh(value + 1n)), resolutionMilliWh: 0 };
  });
  const carryIn = edge?.carry ?? wh(0n);
  const { generated, consumed } = energyOf(spansOf(member, { meters }), carryIn);
  const content: Measured = {
    kind: "measured",
    startOffsetMs: 0,
    endOffsetMs: 0,
    meters,
    carryIn,
    generated,
    consumed,
    position: wh(generated - consumed),
    framesHash: framesHashOf([]),
  };
  return { ...reading, content };
}

/**
 * @param coverage of the liar in its own ledger
 * @returns where a span may begin and what it may say, with an interval too many at its end that is settled; null
 *   without a gap between settled intervals
 */
export function overlappingSpan({ gaps }: Coverage): Pick<Reading, "interval" | "content"> | null {
  for (const { from, to, before, after } of gaps)
    if (before !== null && after !== null)
      return {
        interval: intervalIndex(to + 1),
        content: { kind: "spanning", from, meters: joined(before, after.registers) },
      };
  return null;
}

/** @param reading a right span @returns some that cover an interval too many, or more than a connection carries */
export function falseSpans(reading: Reading & { readonly content: Spanning }): readonly Reading[] {
  const { content, interval } = reading;
  const meters = content.meters.map((meter) => ({
    ...meter,
    end: meter.end.map((value) => wh(value + 1_000_000n)),
  }));
  const wide = { ...reading, interval: intervalIndex(interval + 1) };
  if (content.from === interval) return [wide];
  const short = { ...reading, interval: intervalIndex(interval - 1), content: { ...content, meters } };
  return [wide, short];
}

/** Registers that begin where a gap does. */
function joined({ registers }: Edge, ends: readonly Registers[]): readonly MeterRegisters[] {
  return registers.map((start, meter) => ({ meter, start, end: ends[meter] ?? [], resolutionMilliWh: 0 }));
}

/**
 * @param instance of the liar
 * @param before which round
 * @param isFilled with signatures that nobody made, up to a quorum
 * @returns a certificate that is short of a quorum; null when it has no PREPARE
 */
export function thinCertificate(
  { keeper, config }: InstanceState,
  before: Round,
  isFilled: boolean,
): PreparedCertificate | null {
  const votes = [...keeper.voters.values()].flatMap(({ rounds }) => [...rounds.values()]);
  for (const { proposal } of votes.toReversed()) {
    if (proposal === undefined || proposal.round >= before) continue;
    const { height, round, blockHash } = proposal;
    const prepares = preparesFor(keeper, round, blockHash).slice(0, quorum(config.voters.length) - 1);
    const signers = prepares.map(({ voter, signature }) => ({ voter, signature }));
    if (signers.length === 0) continue;
    const absent = config.voters.filter((voter) => signers.every((signer) => signer.voter !== voter));
    const missing = isFilled ? quorum(config.voters.length) - signers.length : 0;
    const forged = absent.slice(0, missing).map((voter) => ({ voter, signature: FORGED }));
    return { height, round, blockHash, signers: [...signers, ...forged] };
  }
  return null;
}
