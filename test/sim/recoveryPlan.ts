/**
 * What a seed of mode "recovery" decides: when more voters than the street can spare are gone for good, who gives the
 * epoch up when, and who hears of the next one how late. So many are left that their reports prove what was decided,
 * with as many liars among them as the rule bears, and that they are a quorum of the next epoch; now and then one
 * sound report is too few.
 */
import { type Draw, drawFor } from "./draw.ts";
import { GENERAL_LIES, type Liar } from "./lies.ts";
import { faultyByHand, quorumByHand, reportsByHand } from "./quorumByHand.ts";
import type { Crash, Cut, Scenario } from "./scenario.ts";

/** What a liar reports of itself. */
const REPORTS = ["true", "behind", "without-prepared"] as const;

/** How one gateway that is left comes into the next epoch; times from the loss, or from the recovery's signature. */
export type Leaver = {
  readonly member: number;
  /** Null for one that never gives the epoch up and runs on in it. */
  readonly renouncesAfterMs: number | null;
  /** The power fails between renunciation and report; then it is asked again. */
  readonly isCutBetween: boolean;
  /** Runs on in the old epoch after its report, without a vote. */
  readonly followsOn: boolean;
  readonly reports: (typeof REPORTS)[number];
  /** Hands in a report first whose proof is none; the GridAdmin refuses it by name, and leaves it out. */
  readonly isForgedFirst: boolean;
  readonly hearsAfterMs: number;
  /** Is given another genesis file once it has entered: the old one, or a second one of the same number. */
  readonly isTempted: "with-old" | "with-second" | null;
};

/** What a seed decides of its recovery. */
export type RecoveryPlan = {
  /** The first vote of this kind, or decision, of a sound gateway once it is armed; at the latest an instant. */
  readonly trigger: {
    readonly kind: (typeof TRIGGERS)[number];
    readonly armedMs: number;
    readonly latestMs: number;
  };
  /** Members that are gone for good, disk and all, and how long after the trigger. */
  readonly gone: readonly { readonly member: number; readonly afterMs: number }[];
  /** For how long nobody hears anybody from the trigger on. */
  readonly severedMs: number;
  /** Of those that are gone, whom the GridAdmin declares lost. */
  readonly declared: readonly number[];
  readonly left: readonly Leaver[];
  /** The GridAdmin first tries with the shortest chain. */
  readonly hasShortBlocks: boolean;
  /** Those that are left are a quorum of the next epoch, if there is one. */
  readonly isQuorumLeft: boolean;
  /** Calm after the last has heard of the next epoch. */
  readonly afterwardsMs: number;
};

const TRIGGERS = ["proposal", "prepare", "commit", "round-change", "decision", "time"] as const;
const TOO_FEW_SHARE = 0.1;
const ALONE_SHARE = 0.3;
/** In intervals from the start: when the loss comes at the latest, and everything is over. */
const LATEST_LOSS = 4.5;
const LONGEST = 11;
/** Of the time to the latest loss: before that nothing triggers it. */
const EARLIEST_TRIGGER = 0.3;
/** In intervals: how long renouncing, and bringing the next genesis to everybody, may take. */
const RENOUNCING = 2;
const HEARING = 2;

/** How many are gone, without votes, and lying among those that are left. */
type Losses = {
  readonly gone: number;
  readonly declared: number;
  readonly forgetful: number;
  readonly liars: number;
};

/** @param plan of mode "recovery", without liars @returns the same with a recovery */
export function withRecovery(plan: Scenario): Scenario {
  const { seed, members, intervalMs, byzantine } = plan;
  const draw = drawFor(seed, `recovery ${members}`);
  const isTooFew = draw.chance(TOO_FEW_SHARE);
  const losses = drawnLosses(draw, members, byzantine, isTooFew);
  const order = draw.some(
    Array.from({ length: members }, (_, index) => index),
    members,
  );
  const gone = order.slice(0, losses.gone);
  const left = order.slice(losses.gone);
  const declared = gone.slice(0, losses.declared);
  const lying = left.slice(0, losses.liars);
  const forgetful = left.slice(losses.liars, losses.liars + losses.forgetful);
  const spare = left.length - losses.forgetful - reportsByHand(members, losses.declared);
  const running = left.slice(losses.liars + losses.forgetful).slice(0, draw.integer(0, Math.max(0, spare)));
  const lossMs = LATEST_LOSS * intervalMs;
  const isAlone = draw.chance(ALONE_SHARE);
  return {
    ...plan,
    faultsEndMs: LONGEST * intervalMs,
    cuts: isAlone ? [...plan.cuts, ...aloneCuts(draw, order, intervalMs)] : plan.cuts,
    liars: liarsOf(draw, members, lying, declared),
    crashes: [
      ...plan.crashes.filter(({ disk }) => disk === "cache-only"),
      ...forgetful.map((member) => forgetting(draw, member, lossMs)),
    ],
    recovery: {
      trigger: {
        kind: draw.one(TRIGGERS),
        armedMs: draw.within(EARLIEST_TRIGGER, 1) * lossMs,
        latestMs: lossMs,
      },
      gone: gone.map((member) => ({ member, afterMs: draw.one([0, 0, draw.within(0, 0.5) * intervalMs]) })),
      severedMs: draw.chance(0.6) ? draw.within(0.1, 1.8) * intervalMs : 0,
      declared,
      left: left.map((member) => leaverOf(draw, member, intervalMs, lying, running)),
      isQuorumLeft: isQuorumLeft(members, losses),
      hasShortBlocks: draw.chance(0.3),
      afterwardsMs: draw.within(0, 1) * intervalMs,
    },
  };
}

/** Each number of liars is as likely as each other. */
function drawnLosses(draw: Draw, members: number, liars: number | null, isTooFew: boolean): Losses {
  const wished = lossesOf(members).filter((losses) => isTooFewOf(members, losses) === isTooFew);
  const all = wished.length > 0 ? wished : lossesOf(members);
  const possible = [...new Set(all.map((losses) => losses.liars))];
  const wanted = liars !== null && possible.includes(liars) ? liars : draw.one(possible);
  return draw.one(all.filter((losses) => losses.liars === wanted));
}

/** All that a street of so many can bear, and all that lack one report. */
function lossesOf(members: number): readonly Losses[] {
  const upTo = (most: number) => Array.from({ length: Math.max(0, most) + 1 }, (_, index) => index);
  const spared = members - quorumByHand(members);
  return upTo(members - 1)
    .flatMap((gone) => upTo(gone).map((declared) => ({ gone, declared })))
    .flatMap((losses) => upTo(members - 1 - losses.gone).map((forgetful) => ({ ...losses, forgetful })))
    .flatMap((losses) => upTo(faultyByHand(members)).map((liars) => ({ ...losses, liars })))
    .filter(({ gone, forgetful, liars }) => gone + forgetful > spared && gone + forgetful + liars < members)
    .filter((losses) => isBorne(members, losses) || isTooFewOf(members, losses));
}

function isBorne(members: number, losses: Losses): boolean {
  const { declared, liars } = losses;
  const areBearable = liars <= Math.min(liarsBorne(members, declared), faultyByHand(members - declared));
  return areBearable && missing(members, losses) <= 0 && isQuorumLeft(members, losses);
}

function isQuorumLeft(members: number, { gone, declared, liars }: Losses): boolean {
  return members - gone - liars >= quorumByHand(members - declared);
}

function isTooFewOf(members: number, losses: Losses): boolean {
  return losses.liars === 0 && missing(members, losses) === 1;
}

/** Liars report as if they were sound. */
function missing(members: number, { gone, declared, forgetful }: Losses): number {
  return reportsByHand(members, declared) - (members - gone - forgetful);
}

function liarsBorne(members: number, declared: number): number {
  const faulty = faultyByHand(members);
  return declared > faulty ? faulty : faulty - declared;
}

/** Who is declared lost may have lied, too: before the loss there are no more liars than the street bears. */
function liarsOf(
  draw: Draw,
  members: number,
  lying: readonly number[],
  declared: readonly number[],
): readonly Liar[] {
  const more = draw.integer(0, Math.min(declared.length, faultyByHand(members) - lying.length));
  return [...lying, ...declared.slice(0, more)].map((member) => ({
    member,
    lies: draw.some(GENERAL_LIES, draw.integer(1, 4)),
    hasTwin: false,
  }));
}

/** One that is left hears nobody from before the loss until after it has entered the next epoch: it is behind its border. */
function aloneCuts(draw: Draw, order: readonly number[], intervalMs: number): readonly Cut[] {
  const alone = new Set(order.slice(-1));
  const all = new Set(order);
  const fromMs = draw.within(0.5, LATEST_LOSS / 2) * intervalMs;
  const toMs = (LATEST_LOSS + draw.within(HEARING, LONGEST - LATEST_LOSS)) * intervalMs;
  return [
    { fromMs, toMs, from: alone, to: all },
    { fromMs, toMs, from: all, to: alone },
  ];
}

/** Votes are lost before the street is: what is forgotten of an epoch that was given up is another matter. */
function forgetting(draw: Draw, member: number, lossMs: number): Crash {
  return {
    atMs: draw.within(0.02, EARLIEST_TRIGGER) * lossMs,
    downMs: draw.within(0.01, 0.1) * lossMs,
    members: [member],
    disk: draw.one(["rot", "wipe"]),
  };
}

function leaverOf(
  draw: Draw,
  member: number,
  intervalMs: number,
  lying: readonly number[],
  running: readonly number[],
): Leaver {
  const renouncesAfterMs = draw.within(0.05, RENOUNCING) * intervalMs;
  return {
    member,
    renouncesAfterMs: running.includes(member) ? null : renouncesAfterMs,
    isCutBetween: draw.chance(0.3),
    followsOn: draw.chance(0.7),
    reports: lying.includes(member) ? draw.one(REPORTS) : "true",
    isForgedFirst: lying.includes(member) && draw.chance(0.3),
    hearsAfterMs: draw.within(0.02, HEARING) * intervalMs,
    isTempted: draw.one([null, null, "with-old", "with-second"]),
  };
}
