/**
 * The onlookers' book of who takes part and who votes at which height, kept from the transactions that blocks hold and
 * by a few lines of its own: nothing here asks the product whose vote counts.
 */

import { GRID_ADMIN, type SettledTransaction } from "../../agent/core/ledger/state/transaction.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import { memberIdOf } from "../../agent/core/membership/address.ts";
import { type EnrolmentBody, enrolmentSignBytes } from "../../agent/core/membership/enrolment.ts";
import type { GenesisBody } from "../../agent/core/membership/genesis.ts";
import type { RosterChange } from "../../agent/core/membership/rosterDelta.ts";
import type { Verify } from "../../agent/core/signature.ts";
import { AbsenceBook } from "./absenceBook.ts";
import { quorumByHand } from "./quorumByHand.ts";

/** A member as it enrolled. */
export type MemberByHand = EnrolmentBody & { readonly id: MemberId; readonly isVoter: boolean };

/** Who takes part from a height on. */
export type RosterByHand = {
  readonly from: number;
  /** In the order of their ids. */
  readonly members: ReadonlyMap<string, MemberByHand>;
  /** In the same order. */
  readonly voters: readonly MemberByHand[];
  readonly quorum: number;
  /** Voters that lie. */
  readonly liars: number;
  /** A household whose key is another one from this height on. */
  readonly succession: { readonly from: MemberId; readonly to: MemberId } | null;
};

/** Height of a change, counted from the block that holds it. @source docs/protocol.md, "Members and voters" */
const ACTIVE_AFTER = 2;
/** Voters that stay when one is suspended. @source docs/protocol.md, "Members and voters" */
const FEWEST_VOTERS = 4;

/** One book. */
export class RosterBook {
  /** Changes that took effect, and those that had none. */
  readonly counts = { changes: 0, withoutEffect: 0, suspensions: 0 };
  /** Voters that take no part. */
  readonly absences = new AbsenceBook();
  readonly #verify: Verify;
  readonly #liars: ReadonlySet<string>;
  readonly #rosters: RosterByHand[];
  readonly #gone = new Set<string>();
  readonly #suspended = new Set<string>();

  constructor(genesis: Pick<GenesisBody, "members">, liars: ReadonlySet<string>, verify: Verify) {
    this.#liars = liars;
    this.#verify = verify;
    const members = genesis.members.map(({ body }) => memberOf(body, true));
    this.#rosters = [this.#rosterOf(0, members, null)];
  }

  /** @param height that is agreed on, at most two above the newest block that was entered @returns who takes part in it */
  at(height: number): RosterByHand {
    return this.#rosters.findLast(({ from }) => from <= height)!;
  }

  /** The roster that the changes so far lead to. */
  get newest(): RosterByHand {
    return this.#rosters.at(-1)!;
  }

  /** @param member any that ever took part @returns what it enrolled with */
  enrolled(member: string): MemberByHand | undefined {
    return this.#rosters.findLast(({ members }) => members.has(member))?.members.get(member);
  }

  /**
   * @param base height that an epoch goes on from
   * @param lost members that are none any more
   * @returns the book of that epoch: every change on its way is made with its first block
   */
  recovered(base: number, lost: readonly string[]): RosterBook {
    const book = new RosterBook({ members: [] }, this.#liars, this.#verify);
    const left = [...this.newest.members.values()].filter(({ id }) => !lost.includes(id));
    const before = this.#rosters.filter(({ from }) => from <= base);
    book.#rosters.splice(0, 1, ...before, this.#rosterOf(base + 1, left, null));
    for (const member of [...this.#gone, ...lost]) book.#gone.add(member);
    return book;
  }

  /** @param height of a block @param transactions that it holds, in order @returns whose effect is wrong */
  enter(height: number, transactions: readonly SettledTransaction[]): readonly string[] {
    return transactions.flatMap(({ signed, refusal }) => {
      const { signer, content } = signed.transaction;
      const isDue = content.kind === "roster" && this.#isDue(height, signer, content.change);
      if (signer !== GRID_ADMIN) this.absences.heard(signer);
      if (content.kind !== "roster") return [];
      if (isDue) this.#make(height, content.change);
      this.counts[isDue ? "changes" : "withoutEffect"] += 1;
      return isDue === (refusal === null)
        ? []
        : [`${content.change.kind} by ${signer}: ${refusal ?? "taken"}`];
    });
  }

  /** One change at a time; who takes part is the GridAdmin's to say; who left never comes back. */
  #isDue(height: number, signer: string, change: RosterChange): boolean {
    if (this.newest.from > height) return false;
    const isAdmin = signer === GRID_ADMIN;
    if (change.kind === "admit") return isAdmin && this.#fits(change.enrolment, null);
    const member = this.newest.members.get(change.member);
    if (member === undefined) return false;
    switch (change.kind) {
      case "rekey":
        return isAdmin && this.#fits(change.enrolment, change.member);
      case "revoke":
        return isAdmin && !(member.isVoter && this.newest.voters.length === 1);
      case "suspend":
        return (
          this.newest.members.get(signer)?.isVoter === true &&
          member.isVoter &&
          this.newest.voters.length > FEWEST_VOTERS &&
          this.absences.isAway(member.id)
        );
      case "reinstate":
        return !member.isVoter && (isAdmin || (signer === member.id && this.#suspended.has(signer)));
      default:
        return change satisfies never;
    }
  }

  #fits(
    { body, signature }: { readonly body: EnrolmentBody; readonly signature: Uint8Array },
    replaces: string | null,
  ): boolean {
    const id = memberIdOf(body.publicKey);
    const others = [...this.newest.members.values()].filter((other) => other.id !== replaces);
    const isTaken = (of: (body: EnrolmentBody) => readonly string[]) =>
      others.some((other) => of(other).some((claim) => of(body).includes(claim)));
    return (
      !this.#gone.has(id) &&
      id !== replaces &&
      !isTaken(({ name, peerId, meters }) => [name, peerId, ...meters.map(({ serial }) => serial)]) &&
      !isTaken(({ publicKey, recordsKey }) => [String(publicKey), String(recordsKey)]) &&
      this.#verify(body.publicKey, enrolmentSignBytes(body), signature)
    );
  }

  #make(height: number, change: RosterChange): void {
    const members = new Map(this.newest.members);
    const before = change.kind === "admit" ? undefined : members.get(change.member);
    if (change.kind === "revoke" || change.kind === "rekey") {
      members.delete(change.member);
      this.#gone.add(change.member);
    }
    if ((change.kind === "reinstate" || change.kind === "suspend") && before !== undefined) {
      const isVoter = change.kind === "reinstate";
      members.set(before.id, { ...before, isVoter });
      this.#suspended[isVoter ? "delete" : "add"](before.id);
      if (!isVoter) this.counts.suspensions += 1;
    }
    if (change.kind === "admit" || change.kind === "rekey") {
      const isVoter = change.kind === "admit" ? change.isVoter : before!.isVoter;
      const added = memberOf(change.enrolment.body, isVoter);
      members.set(added.id, added);
    }
    const succession =
      change.kind === "rekey"
        ? { from: change.member, to: memberIdOf(change.enrolment.body.publicKey) }
        : null;
    this.#rosters.push(this.#rosterOf(height + ACTIVE_AFTER, [...members.values()], succession));
  }

  #rosterOf(
    from: number,
    unordered: readonly MemberByHand[],
    succession: RosterByHand["succession"],
  ): RosterByHand {
    const inOrder = [...unordered].sort((left, right) => (left.id < right.id ? -1 : 1));
    const voters = inOrder.filter(({ isVoter }) => isVoter);
    return {
      from,
      members: new Map(inOrder.map((member) => [member.id, member])),
      voters,
      quorum: quorumByHand(voters.length),
      liars: voters.filter(({ id }) => this.#liars.has(id)).length,
      succession,
    };
  }
}

function memberOf(body: EnrolmentBody, isVoter: boolean): MemberByHand {
  return { ...body, id: memberIdOf(body.publicKey), isVoter };
}
