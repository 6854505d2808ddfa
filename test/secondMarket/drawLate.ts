/** Random late readings: one interval, a span or a reset, in a gap with and without edges, under policies that come and go. */
import fc from "fast-check";
import type { Money } from "../../agent/core/market/accounts.ts";
import { type MemberId, memberIdFromBytes } from "../../agent/core/membership/address.ts";
import { FUELS, type MeterRole, ROLE_SETS } from "../../agent/core/membership/enrolment.ts";
import type { Policy } from "../../agent/core/membership/policy.ts";
import type { Gap } from "../../agent/core/metering/coverage.ts";
import { energyOf } from "../../agent/core/metering/energy.ts";
import type { MeterRegisters, Reading } from "../../agent/core/metering/reading.ts";
import { type IntervalIndex, intervalIndex, wh } from "../../agent/core/units.ts";
import { metersOf } from "./drawInterval.ts";
import { amountUpTo, drawnPolicy, PRICE_SCALES } from "./drawPolicy.ts";
import { drawnMoney } from "./drawTerms.ts";
import type { PaperStreet } from "./paperStreet.ts";

/** A member's late reading, and what it is settled on. The street has this member alone. */
export type DrawnLate = PaperStreet & {
  readonly member: MemberId;
  /** The last of its intervals. */
  readonly interval: IntervalIndex;
  readonly content: Reading["content"];
  readonly gap: Gap;
  readonly policies: readonly Policy[];
  readonly money: Money;
};

/** What one is drawn from. */
type LateDraw = {
  readonly address: Uint8Array;
  readonly roles: readonly MeterRole[];
  readonly kind: Reading["content"]["kind"];
  readonly mode: PaperStreet["mode"];
  readonly advances: readonly bigint[];
  readonly carries: readonly [before: bigint, after: bigint];
  /** How far the reading is away from the ends of the gap, and how many intervals it has. */
  readonly away: readonly [before: number, after: number];
  readonly length: number;
  readonly hasEdges: readonly [before: boolean, after: boolean];
  readonly ratingW: number;
};

const FIRST = 1_000;
const FIRST_REGISTER = 500n;
const MOST_REGISTERS = 3;
/** Lengths of policies and of the pauses between them. */
const MOST_WINDOW = 4;
const WINDOWS = 3;
const LONG_MS = 86_400_000;

/** @returns arbitrary of one late reading */
export function drawnLate(): fc.Arbitrary<DrawnLate> {
  const carry = amountUpTo(0n, 3n).map((amount) => -amount);
  return fc
    .record({
      address: fc.uint8Array({ minLength: 20, maxLength: 20 }),
      roles: fc.constantFrom(...ROLE_SETS),
      kind: fc.constantFrom("measured", "spanning", "spanning", "spanning", "missing"),
      mode: fc.constantFrom("islanded", "grid-tied"),
      advances: fc.array(amountUpTo(2n, 40n, 100_000n, 2n ** 57n), {
        minLength: MOST_REGISTERS,
        maxLength: MOST_REGISTERS,
      }),
      carries: fc.tuple(carry, carry),
      away: fc.tuple(fc.constantFrom(0, 0, 1), fc.constantFrom(0, 0, 2)),
      length: fc.integer({ min: 1, max: 7 }),
      hasEdges: fc.tuple(fc.boolean(), fc.boolean()),
      ratingW: fc.constantFrom(1, 1_000_000_000, 1_000_000_000),
    } satisfies { [K in keyof LateDraw]: fc.Arbitrary<LateDraw[K]> })
    .chain((draw) => {
      const member = memberIdFromBytes(draw.address);
      const terms = fc.record({
        fuel: fc.constantFrom(...FUELS),
        policies: drawnPolicies(member),
        money: drawnMoney([member]),
      });
      return terms.map(({ fuel, policies, money }) => ({ ...lateOf(draw, fuel), policies, money }));
    });
}

function drawnPolicies(member: MemberId): fc.Arbitrary<readonly Policy[]> {
  const window = fc.record({
    pause: fc.nat(MOST_WINDOW),
    length: fc.integer({ min: 1, max: MOST_WINDOW }),
    scale: fc.constantFrom(...PRICE_SCALES),
  });
  return fc.array(window, { maxLength: WINDOWS, size: "max" }).chain((windows) => {
    let at = FIRST - 1;
    const policies = windows.map(({ pause, length, scale }, index) => {
      const from = intervalIndex(at + pause);
      at = from + length;
      return drawnPolicy({ from, to: intervalIndex(at), version: index + 1 }, [member], scale);
    });
    return fc.tuple(...policies);
  });
}

function lateOf(draw: LateDraw, fuel: (typeof FUELS)[number]): Omit<DrawnLate, "policies" | "money"> {
  const { roles, kind, mode, ratingW, hasEdges } = draw;
  const length = kind === "spanning" ? draw.length : 1;
  const [away, beyond] = draw.away;
  const from = intervalIndex(FIRST + away);
  const to = intervalIndex(from + length - 1);
  const canCarry = roles.length === 2 && roles.includes("grid");
  const [before, after] = draw.carries.map((carry) => wh(canCarry ? carry : 0n));
  const meters = metersFrom(draw);
  const edge = (side: "start" | "end", carry = wh(0n)) => ({
    registers: meters.map((meter) => meter[side]),
    carry,
  });
  const member = memberIdFromBytes(draw.address);
  return {
    mode,
    seed: new Uint8Array(),
    intervalMs: LONG_MS,
    timeLapse: ratingW,
    members: [{ id: member, area: "street", meters: metersOf(roles, fuel), ratingW }],
    member,
    interval: to,
    content: contentOf(draw, meters, from, before),
    gap: {
      from: intervalIndex(FIRST),
      to: intervalIndex(to + beyond),
      before: hasEdges[0] ? edge("start", before) : null,
      after: hasEdges[1] ? edge("end", after) : null,
      swaps: [],
    },
  };
}

function metersFrom({ roles, advances }: LateDraw): readonly MeterRegisters[] {
  let used = 0;
  return roles.map((role, meter) => {
    const own = advances.slice(used, used + (role === "grid" ? 2 : 1));
    used += own.length;
    const start = own.map(() => wh(FIRST_REGISTER));
    return { meter, start, end: own.map((advance) => wh(FIRST_REGISTER + advance)), resolutionMilliWh: 1 };
  });
}

function contentOf(
  { roles, kind }: LateDraw,
  meters: readonly MeterRegisters[],
  from: IntervalIndex,
  carryIn = wh(0n),
): Reading["content"] {
  if (kind === "missing") return { kind, reason: "register-reset" };
  if (kind === "spanning") return { kind, from, meters };
  const spans = meters.map(({ start, end }, index) => ({ role: roles[index] ?? "grid", start, end }));
  const { generated, consumed } = energyOf(spans, carryIn);
  const position = wh(generated - consumed);
  const framesHash = "0".repeat(64) as Extract<Reading["content"], { kind: "measured" }>["framesHash"];
  return {
    kind,
    startOffsetMs: 0,
    endOffsetMs: 0,
    meters,
    carryIn,
    generated,
    consumed,
    position,
    framesHash,
  };
}
