/** A street on paper for one seed: genesis, roster, keys, and the signatures that the seed calls for. */
import { hash } from "node:crypto";
import { nodeVerifier } from "../../agent/adapters/signer/nodeVerifier.ts";
import { equalBytes, joinBytes } from "../../agent/core/bytes.ts";
import { hashBytes, hashOf } from "../../agent/core/hash.ts";
import { type LedgerContext, ledgerContext } from "../../agent/core/ledger/state/context.ts";
import { type MemberId, memberIdOf } from "../../agent/core/membership/address.ts";
import { CONTRACTS } from "../../agent/core/membership/contracts.ts";
import {
  type EnrolledMeter,
  type Enrolment,
  type EnrolmentBody,
  enrolmentSignBytes,
  type Fuel,
  type MeterRole,
} from "../../agent/core/membership/enrolment.ts";
import { type Policy, policySignBytes, type SignedPolicy } from "../../agent/core/membership/policy.ts";
import { publicKeyOf, SIGNATURE_BYTES, signMessage, type Verify } from "../../agent/core/signature.ts";
import { intervalIndex } from "../../agent/core/units.ts";
import { simPolicy } from "./simPolicy.ts";

/** What a street is made from. */
export type StreetPlan = {
  readonly seed: number;
  readonly members: number;
  readonly intervalMs: number;
  readonly mode: "islanded" | "grid-tied";
  readonly termMax: number;
  /** Real P-256 instead of a keyed hash. */
  readonly hasRealSignatures: boolean;
  /** Households that the genesis does not have. */
  readonly newcomers?: number;
  /** Place of a household that has a second gateway, with a key that the genesis does not have. */
  readonly rekeyed?: number | null;
};

/** One gateway and its key. */
export type SimMember = {
  readonly id: MemberId;
  /** Of its transport; a household's second gateway has one of its own. */
  readonly name: string;
  readonly enrolment: Enrolment;
  readonly sign: (message: Uint8Array) => Uint8Array;
};

/** The street of a seed. */
export type SimStreet = {
  readonly context: LedgerContext;
  /** Of the genesis. */
  readonly members: readonly SimMember[];
  /** Gateways that wait to be let in: households that are new, and then a known one's second gateway. */
  readonly outsiders: readonly SimMember[];
  /** Signs as the GridAdmin. */
  readonly signAsAdmin: (message: Uint8Array) => Uint8Array;
  /** @returns a policy with the Regulator's signature, or with the GridAdmin's where the Regulator's belongs */
  readonly signPolicy: (policy: Policy, as?: "regulator" | "grid-admin") => SignedPolicy;
};

/** First interval of every simulated ledger; its start lies more than a clock's hour after the epoch. */
export const FIRST_INTERVAL = intervalIndex(10_000);
/** What households generate from, and where they live, in turn. */
const FUELS_IN_TURN: readonly Fuel[] = ["solar", "diesel", "wind"];
const AREAS = ["north", "south"] as const;
const MICROGRID = "sim-street";
/** Metered time of an interval, whatever its length. */
const METERED_MS = 900_000;
const CONNECTION_W = 11_000;

const ROLE_SETS: readonly (readonly MeterRole[])[] = [
  ["generation", "consumption"],
  ["generation", "grid"],
  ["grid"],
  ["consumption"],
];

type KeyPair = { readonly secretKey: Uint8Array; readonly publicKey: Uint8Array };

const realVerifier = nodeVerifier();
const keyPairs = new Map<string, KeyPair>();
const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** @param plan of the seed @returns its street */
export function simStreet(plan: StreetPlan): SimStreet {
  const signAs = (name: string): SimMember["sign"] => {
    const { publicKey, secretKey } = keyPairOf(name);
    return plan.hasRealSignatures
      ? (message) => signMessage(secretKey, message)
      : (message) => keyedHash(publicKey, message);
  };
  const signPolicy: SimStreet["signPolicy"] = (policy, as = "regulator") => ({
    policy,
    signature: signAs(as)(policySignBytes(policy)),
  });
  const member = (household: number, name = nameOf(household)): SimMember => {
    const sign = signAs(name);
    const body = enrolmentOf(household, name);
    const enrolment = { body, signature: sign(enrolmentSignBytes(body)) };
    return { id: memberIdOf(body.publicKey), name, enrolment, sign };
  };
  const members = Array.from({ length: plan.members }, (_, household) => member(household));
  const outsiders = Array.from({ length: plan.newcomers ?? 0 }, (_, index) => member(plan.members + index));
  const rekeyed = plan.rekeyed ?? null;
  if (rekeyed !== null) outsiders.push(member(rekeyed, `${nameOf(rekeyed)}-2`));
  const ids = members.map(({ id }) => id);
  const policy = simPolicy(plan.seed, ids, FIRST_INTERVAL);
  const body = {
    microgridId: MICROGRID,
    gridAdminKey: keyPairOf("grid-admin").publicKey,
    regulatorKey: keyPairOf("regulator").publicKey,
    seed: hashBytes(hashOf(textBytes(`seed ${plan.seed}`))),
    intervalMs: plan.intervalMs,
    timeLapse: Math.max(1, Math.round(METERED_MS / plan.intervalMs)),
    firstInterval: FIRST_INTERVAL,
    mode: plan.mode,
    termMax: plan.termMax,
    members: members.map(({ enrolment }) => enrolment),
    contracts: CONTRACTS,
    policies: policy === null ? [] : [signPolicy(policy)],
  };
  const verify = plan.hasRealSignatures ? realVerifier.verify : verifyKeyed;
  const context = ledgerContext({ body, signature: new Uint8Array(SIGNATURE_BYTES) }, verify);
  return { context, members, outsiders, signAsAdmin: signAs("grid-admin"), signPolicy };
}

function nameOf(household: number): string {
  return `dep${household + 1}`;
}

/** @param household by place @param gateway of it, which has keys of its own */
function enrolmentOf(household: number, gateway: string): EnrolmentBody {
  const name = nameOf(household);
  const fuel = FUELS_IN_TURN[household % FUELS_IN_TURN.length]!;
  const meters = ROLE_SETS[household % ROLE_SETS.length]!.map(
    (role, index): EnrolledMeter => ({
      serial: `${name}-${index + 1}`,
      role,
      fuel: role === "generation" ? fuel : null,
    }),
  );
  return {
    microgridId: MICROGRID,
    name,
    publicKey: keyPairOf(gateway).publicKey,
    peerId: gateway,
    recordsKey: hashBytes(hashOf(textBytes(`records of ${gateway}`))),
    addresses: [`/memory/${gateway}`],
    meters,
    connectionRatingW: CONNECTION_W,
    area: AREAS[household % AREAS.length]!,
  };
}

function keyPairOf(name: string): KeyPair {
  const known = keyPairs.get(name);
  if (known !== undefined) return known;
  const secretKey = hashBytes(hashOf(textBytes(`simulated key of ${name}`)));
  const made = { secretKey, publicKey: publicKeyOf(secretKey) };
  keyPairs.set(name, made);
  return made;
}

/** Stands in for a signature: nobody but the owner's code calls it with the owner's key. */
function keyedHash(publicKey: Uint8Array, message: Uint8Array): Uint8Array {
  const digest = hash("sha512", joinBytes(publicKey, message), "buffer");
  return new Uint8Array(digest.buffer, digest.byteOffset, SIGNATURE_BYTES);
}

const verifyKeyed: Verify = (publicKey, message, signature) =>
  equalBytes(keyedHash(publicKey, message), signature);
