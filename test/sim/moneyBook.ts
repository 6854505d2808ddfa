/**
 * Books of the street's money, kept without the product's: every trade, residual and late reading is priced again from
 * the policies by a few lines of its own, and no coin may come from nowhere or be lost.
 */

import type { LateEntry } from "../../agent/core/ledger/settlement/lateSection.ts";
import type { SettledInterval } from "../../agent/core/ledger/settlement/settledInterval.ts";
import type { LedgerState } from "../../agent/core/ledger/state/state.ts";
import type { SettledTransaction } from "../../agent/core/ledger/state/transaction.ts";
import { GRID_ADMIN } from "../../agent/core/ledger/state/transaction.ts";
import type { MemberId } from "../../agent/core/membership/address.ts";
import { type Policy, policySignBytes, type SignedPolicy } from "../../agent/core/membership/policy.ts";
import type { Verify } from "../../agent/core/signature.ts";
import type { Wh } from "../../agent/core/units.ts";

/** Who signs what in the street, and who is in it when the block is made that is entered. */
export type MoneyBookModules = {
  readonly regulatorKey: Uint8Array;
  readonly verify: Verify;
  readonly isMember: (member: MemberId) => boolean;
  readonly policies: readonly SignedPolicy[];
  /** What a member's excess is made from. */
  readonly fuelOf: (member: MemberId) => string;
};

/** One book. */
export class MoneyBook {
  readonly #modules: MoneyBookModules;
  readonly #policies: Policy[];
  readonly #accounts = new Map<string, bigint>();
  /** As the block found them. */
  #found: ReadonlyMap<string, bigint> = new Map();
  #issued = 0n;

  constructor(modules: MoneyBookModules) {
    this.#modules = modules;
    this.#policies = modules.policies.map(({ policy }) => policy);
  }

  /** A household's key is another one from the next block on: what it holds and owes stays with it. */
  succeed(from: MemberId, to: MemberId): void {
    this.#move(from, to, this.#accounts.get(from) ?? 0n);
  }

  /** A new block begins: what the accounts hold now decides who may buy in all of its intervals. */
  beginBlock(): void {
    this.#found = new Map(this.#accounts);
  }

  /** @returns the policy that holds in an interval */
  policyAt(interval: number): Policy | undefined {
    return this.#policies.find(({ from, to }) => from <= interval && interval < to);
  }

  /** @returns what the street may feed in in an interval, null for any amount */
  feedInLimit(interval: number): Wh | null {
    return this.policyAt(interval)?.feedInLimit ?? null;
  }

  /** @returns the rating of a connection by the policy of an interval, else the enrolled one */
  ratingOf(member: MemberId, interval: number, enrolledW: number): number {
    const named = this.policyAt(interval)?.connectionRatings.filter(([id]) => id === member) ?? [];
    return named[0]?.[1] ?? enrolledW;
  }

  /** @returns who of those with a deficit takes no part in buying */
  ineligible(interval: number, lacking: readonly MemberId[]): readonly MemberId[] {
    const policy = this.policyAt(interval);
    if (policy === undefined) return [];
    const single = new Map<string, bigint>(policy.creditLimits);
    return lacking.filter(
      (member) => (this.#found.get(member) ?? 0n) + (single.get(member) ?? policy.creditLimit) <= 0n,
    );
  }

  /** @returns what is wrong with the money of an interval */
  enterInterval({ interval, outcome, settlement }: SettledInterval): readonly string[] {
    const policy = this.policyAt(interval);
    if (policy === undefined || settlement === null)
      return (policy === undefined) === (settlement === null)
        ? []
        : [`settled by ${settlement?.policyVersion}`];
    const step = policy.prices.filter(({ from }) => from <= interval).at(-1)!;
    const isAuction = policy.pricing === "auction";
    // What an auction's price must be is told by the book of bids; here it only has to be paid.
    const traded = isAuction ? settlement.price : step.trade;
    const faults: string[] = [];
    const check = (what: string, claimed: readonly unknown[], right: readonly unknown[]) => {
      if (claimed.join() !== right.join()) faults.push(`${what}: ${claimed.join()}, not ${right.join()}`);
    };
    check("price", [settlement.policyVersion, settlement.price], [policy.version, traded]);
    check(
      "entries",
      [settlement.trades.length, settlement.residuals.length],
      [outcome.trades.length, outcome.residuals.length],
    );
    for (const [index, { from, to, wh }] of outcome.trades.entries()) {
      const { price, paid, received, fee, carbon, fuels } = settlement.trades[index]!;
      const value = wh * (traded ?? 0n);
      const fuel = this.#modules.fuelOf(from);
      const right = {
        paid: up(value, 1_000n),
        fee: up(wh * policy.fee, 1_000n),
        carbon: up(wh * gramsOf(policy, fuel) * policy.carbon.rate, 1_000_000n),
      };
      check(
        `trade ${index}`,
        [price, paid, received, fee, carbon, ...fuels.flat()],
        [traded, right.paid, value / 1_000n, right.fee, right.carbon, fuel, wh],
      );
      this.#move(to, "fees", right.fee);
      this.#move(to, "carbon", right.carbon);
      this.#move(to, from, value / 1_000n);
      this.#move(to, "rounding", right.paid - value / 1_000n);
    }
    for (const [index, { member, kind, wh }] of outcome.residuals.entries()) {
      const { amount, carbon } = settlement.residuals[index]!;
      const isFedIn = kind === "fed-in";
      const cost = isFedIn ? (wh * step.supplierBuys) / 1_000n : up(wh * step.supplierSells, 1_000n);
      const premium =
        kind === "bought"
          ? up(wh * gramsOf(policy, policy.supplierFuel) * policy.carbon.rate, 1_000_000n)
          : 0n;
      check(`residual ${index}`, [amount, carbon], [cost, premium]);
      if (isFedIn) this.#move("supplier", member, cost);
      else this.#move(member, kind === "bought" ? "supplier" : "imbalance", cost);
      this.#move(member, "carbon", premium);
    }
    return faults;
  }

  /** @returns what is wrong with the money of a late reading */
  enterLate({ signed: { reading }, correction }: LateEntry): readonly string[] {
    const { member, against, generated, consumed, amount } = correction;
    const to: number = reading.interval;
    const from: number = reading.content.kind === "spanning" ? reading.content.from : to;
    let high = 0n;
    let low: bigint | null = null;
    for (let at = from; at <= to; at += 1) {
      const policy = this.policyAt(at);
      const step = policy?.prices.filter((one) => one.from <= at).at(-1);
      if (policy === undefined || step === undefined) continue;
      const premium = (fuel: string) => up(gramsOf(policy, fuel) * policy.carbon.rate, 1_000n);
      const isAuction = policy.pricing === "auction";
      const [most, least] = isAuction ? [policy.cap, policy.floor] : [step.trade, step.trade];
      const dearest = [0n, ...policy.carbon.grams.map(([fuel]) => premium(fuel))].toSorted(ascending).at(-1)!;
      const ask = [step.supplierSells + premium(policy.supplierFuel), most + policy.fee + dearest];
      high = [high, ...ask].toSorted(ascending).at(-1)!;
      low = [...(low === null ? [] : [low]), step.supplierBuys, least].toSorted(ascending)[0]!;
    }
    const change = (energy: bigint) =>
      energy < 0n ? -up(-energy * high, 1_000n) : (energy * (low ?? 0n)) / 1_000n;
    const isOne = from === to;
    const right = isOne ? change(generated - consumed) : change(generated) + change(-consumed);
    const due = against === "quarantined" ? 0n : right;
    if (against !== "quarantined") this.#move(against, member, due);
    return amount === due ? [] : [`${amount} µcoin, not ${due}`];
  }

  /** @returns what is wrong with what became of the GridAdmin's wishes; `nextInterval` after the block's intervals */
  enterTransaction({ signed, refusal }: SettledTransaction, nextInterval: number): readonly string[] {
    const { signer, content } = signed.transaction;
    const isAdmin = signer === GRID_ADMIN;
    if (content.kind === "issue") {
      const isDue = isAdmin && this.#modules.isMember(content.to) && content.amount > 0n;
      if (isDue) {
        this.#issued += content.amount;
        this.#accounts.set(content.to, (this.#accounts.get(content.to) ?? 0n) + content.amount);
      }
      return isDue === (refusal === null) ? [] : [`issue ${refusal ?? "taken"}`];
    }
    if (content.kind !== "policy") return [];
    const { policy, signature } = content.signed;
    const isDue =
      isAdmin &&
      this.#modules.verify(this.#modules.regulatorKey, policySignBytes(policy), signature) &&
      policy.version === this.#policies.reduce((most, { version }) => Math.max(most, version), 0) + 1 &&
      policy.from >= nextInterval + 2 &&
      this.#policies.every(({ from, to }) => to <= policy.from || policy.to <= from);
    if (isDue) this.#policies.push(policy);
    return isDue === (refusal === null) ? [] : [`policy ${policy.version} ${refusal ?? "taken"}`];
  }

  /** @returns what the state says of the money that these books do not */
  differences({ money }: LedgerState): readonly string[] {
    const faults: string[] = [];
    const total = [...money.accounts.values()].reduce<bigint>((sum, amount) => sum + amount, 0n);
    if (total !== money.issued) faults.push(`${total} µcoin in all accounts, ${money.issued} issued`);
    if (money.issued !== this.#issued) faults.push(`${money.issued} µcoin issued, not ${this.#issued}`);
    for (const account of new Set<string>([...money.accounts.keys(), ...this.#accounts.keys()])) {
      const claimed = money.accounts.get(account as MemberId) ?? 0n;
      const right = this.#accounts.get(account) ?? 0n;
      if (claimed !== right) faults.push(`${account} holds ${claimed} µcoin, not ${right}`);
    }
    return faults;
  }

  #move(from: string, to: string, amount: bigint): void {
    this.#accounts.set(from, (this.#accounts.get(from) ?? 0n) - amount);
    this.#accounts.set(to, (this.#accounts.get(to) ?? 0n) + amount);
  }
}

function up(value: bigint, by: bigint): bigint {
  return value % by === 0n ? value / by : value / by + 1n;
}

function ascending(left: bigint, right: bigint): number {
  return left < right ? -1 : Number(left > right);
}

function gramsOf({ carbon }: Policy, of: string): bigint {
  return BigInt(carbon.grams.find(([fuel]) => fuel === of)?.[1] ?? 0);
}
