/**
 * Who was who in a street, and which policies were deployed, as the blocks tell it from the genesis on: names for what
 * members are called in old blocks, whoever has left since.
 */
import type { MemberId } from "../../membership/address.ts";
import { type EnrolmentBody, enrolledMember, type Fuel } from "../../membership/enrolment.ts";
import type { GenesisBody } from "../../membership/genesis.ts";
import type { Policy } from "../../membership/policy.ts";
import type { Block } from "../blocks/block.ts";
import type { LedgerState } from "../state/state.ts";

/** Everybody that ever took part, and every policy. */
export type StreetBook = {
  readonly households: ReadonlyMap<MemberId, EnrolmentBody>;
  /** The key that a key was exchanged for. */
  readonly successors: ReadonlyMap<MemberId, MemberId>;
  readonly policies: ReadonlyMap<number, Policy>;
};

/**
 * @param genesis of the street
 * @param state that the blocks at hand begin after; what was exchanged before it is not known
 * @returns its book at that state
 */
export function openStreetBook({ members }: GenesisBody, { roster, policies }: LedgerState): StreetBook {
  const enrolled = [...members, ...roster.added];
  return {
    households: new Map(enrolled.map(({ body }) => [enrolledMember(body), body])),
    successors: new Map(),
    policies: new Map(policies.map(({ policy }) => [policy.version, policy])),
  };
}

/** @param book before @param block the next one, verified or not @returns the book after it: the same when it brings nothing new */
export function withBlock(book: StreetBook, { body }: Block): StreetBook {
  let after = book;
  for (const { signed, refusal } of body.transactions) {
    const { content } = signed.transaction;
    if (refusal !== null) continue;
    if (content.kind === "policy") {
      const { policy } = content.signed;
      after = { ...after, policies: new Map(after.policies).set(policy.version, policy) };
    }
    if (content.kind !== "roster") continue;
    const { change } = content;
    if (change.kind !== "admit" && change.kind !== "rekey") continue;
    const { body: enrolled } = change.enrolment;
    const member = enrolledMember(enrolled);
    after = { ...after, households: new Map(after.households).set(member, enrolled) };
    if (change.kind === "rekey")
      after = { ...after, successors: new Map(after.successors).set(change.member, member) };
  }
  return after;
}

/** @param book of the street @param name or member id of a household @returns every key that it had; empty for a stranger */
export function keysOf({ households, successors }: StreetBook, name: string): ReadonlySet<MemberId> {
  const keys = new Set<MemberId>();
  for (const [member, body] of households) if (body.name === name || member === name) keys.add(member);
  // A key that was exchanged belongs to the same household, under whatever name.
  for (let isGrowing = keys.size > 0; isGrowing; ) {
    isGrowing = false;
    for (const [before, after] of successors) {
      if (keys.has(before) === keys.has(after)) continue;
      keys.add(before).add(after);
      isGrowing = true;
    }
  }
  return keys;
}

/** @param book of the street @returns what tells the fuel of the supplier's energy by the version of a policy; null for one that is not known */
export function supplierFuelIn({ policies }: StreetBook): (policyVersion: number) => Fuel | null {
  return (version) => policies.get(version)?.supplierFuel ?? null;
}
