/** The GridAdmin of a simulated street, and whoever would like to be: hands in the changes that a seed has planned. */
import {
  GRID_ADMIN,
  type Transaction,
  transactionSignBytes,
} from "../../agent/core/ledger/state/transaction.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import type { RosterChange } from "../../agent/core/membership/rosterDelta.ts";
import type { Draw } from "./draw.ts";
import type { Gateway } from "./gateway.ts";
import type { RosterPlan, RosterWish } from "./rosterPlan.ts";
import type { SimMember, SimStreet } from "./street.ts";

/** What changes are handed in with. */
export type SimRosterModules = {
  readonly street: SimStreet;
  readonly plan: RosterPlan;
  readonly draw: Draw;
  readonly gateways: readonly Gateway[];
  readonly after: (delayMs: number, run: () => void) => void;
  readonly word: (gateway: Gateway, word: string) => void;
};

/** A change, and who signs that it is wished. */
type Wished = { readonly change: RosterChange; readonly isOwn?: boolean };

/** Tries to find a gateway that takes it before a wish is given up. */
const TRIES = 4;

/** Wishes of one run. */
export class SimRoster {
  readonly #modules: SimRosterModules;
  #revoked = 0;

  constructor(modules: SimRosterModules) {
    this.#modules = modules;
  }

  start(): void {
    const { plan, after } = this.#modules;
    for (const { atMs, wish } of plan.wishes) after(atMs, () => this.#handIn(wish));
  }

  /** At any gateway of the genesis: its ledger says what is known, and which sequence is free. */
  #handIn(wish: RosterWish): void {
    const { street, gateways, draw, word } = this.#modules;
    const known = gateways.slice(0, street.members.length);
    const tried = Array.from({ length: TRIES }, () => draw.one(known));
    const gateway = tried.find(({ isAdmitted }) => isAdmitted);
    if (gateway === undefined) return;
    for (const wished of this.#wished(wish, gateway)) {
      word(gateway, `is asked to ${wished.change.kind}: ${wish}`);
      this.#submit(gateway, wished);
    }
  }

  #submit(gateway: Gateway, { change, isOwn = false }: Wished): void {
    const { street } = this.#modules;
    const { chainId, epoch } = gateway.context.roster;
    const { id, sign } = gateway.options.member;
    const signer = isOwn ? id : GRID_ADMIN;
    gateway.submit((sequence) => {
      const transaction: Transaction = { signer, sequence, content: { kind: "roster", change } };
      const message = transactionSignBytes(transaction, chainId, epoch);
      return { transaction, signature: isOwn ? sign(message) : street.signAsAdmin(message) };
    }, signer);
  }

  #wished(wish: RosterWish, gateway: Gateway): readonly Wished[] {
    const { street, draw, plan } = this.#modules;
    const { state, next } = gateway.life.ledger;
    const newcomers = street.outsiders.slice(0, plan.newcomers);
    const newcomer = newcomers.find(({ id }) => !next.roster.byId.has(id)) ?? draw.one(newcomers);
    const guest = next.roster.members.find(({ isVoter }) => !isVoter)?.id ?? newcomer.id;
    const member = draw.one(next.roster.members).id;
    switch (wish) {
      case "admit":
        return [admitted(newcomer, true)];
      case "admit-guest":
        return [admitted(newcomer, false)];
      case "give-vote":
        return [{ change: { kind: "reinstate", member: guest } }];
      case "revoke":
        return this.#leaver().map(revoked);
      case "rekey":
        return this.#rekeying();
      case "two-at-once":
        return [admitted(newcomer, true), ...this.#leaver().map(revoked)];
      case "own-wish":
        return [
          draw.one([
            { ...admitted(newcomer, true), isOwn: true },
            { ...revoked(member), isOwn: true },
          ]),
        ];
      case "forged-enrolment":
        return [
          admitted(
            { enrolment: { ...newcomer.enrolment, signature: newcomer.sign(new Uint8Array()) } },
            true,
          ),
        ];
      case "gone-again": {
        const gone =
          street.members.find(({ id }) => state.roster.removed.includes(id)) ?? draw.one(street.members);
        return [admitted(gone, true)];
      }
      case "stranger":
        return [revoked(newcomers.at(-1)!.id)].filter(() => !next.roster.byId.has(newcomers.at(-1)!.id));
      case "early-suspension":
        return [{ change: { kind: "suspend", member }, isOwn: draw.chance(0.5) }];
      default:
        return wish satisfies never;
    }
  }

  /** The next member that may go. */
  #leaver(): readonly MemberId[] {
    const { street, plan } = this.#modules;
    const place = plan.leavers[this.#revoked];
    if (place === undefined) return [];
    this.#revoked += 1;
    return [street.members[place]!.id];
  }

  #rekeying(): readonly Wished[] {
    const { street, plan } = this.#modules;
    if (plan.rekeyed === null) return [];
    const successor = street.outsiders.at(-1)!;
    const member = street.members[plan.rekeyed]!.id;
    return [{ change: { kind: "rekey", member, enrolment: successor.enrolment } }];
  }
}

function admitted({ enrolment }: Pick<SimMember, "enrolment">, isVoter: boolean): Wished {
  return { change: { kind: "admit", enrolment, isVoter } };
}

function revoked(member: MemberId): Wished {
  return { change: { kind: "revoke", member } };
}
