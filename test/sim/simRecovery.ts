/**
 * How a simulated street is lost and goes on: voters are gone for good, those that are left give the epoch up and
 * report, the GridAdmin signs the next one as soon as it is proven, and each gateway hears of it in its own time.
 */
import { ZERO_HASH } from "../../agent/core/hash.ts";
import type { ChainEntry } from "../../agent/core/ledger/chain/chain.ts";
import { reportSignBytes, type SignedReport } from "../../agent/core/ledger/chain/recoveryReport.ts";
import { type LedgerContext, newestEpoch } from "../../agent/core/ledger/state/context.ts";
import { height as heightOf } from "../../agent/core/units.ts";
import type { Draw } from "./draw.ts";
import type { EpochWatch, ReportsSeen } from "./epochWatch.ts";
import type { Gateway } from "./gateway.ts";
import type { Said } from "./gatewayWorld.ts";
import type { Leaver, RecoveryPlan } from "./recoveryPlan.ts";
import { renounceEpoch } from "./simEpoch.ts";
import { type RecoveryTry, SimGridAdmin } from "./simGridAdmin.ts";
import type { SimStreet } from "./street.ts";

/** What a recovery acts on. */
export type SimRecoveryModules = {
  readonly plan: RecoveryPlan;
  readonly street: SimStreet;
  readonly gateways: () => readonly Gateway[];
  readonly draw: Draw;
  readonly intervalMs: number;
  readonly nowMs: () => number;
  readonly after: (delayMs: number, run: () => void) => void;
  readonly word: (gateway: Gateway, word: string) => void;
  /** Takes a gateway away for good. */
  readonly lose: (gateway: Gateway) => void;
  readonly watch: EpochWatch;
  /** Hears of the next epoch before anybody enters it. */
  readonly onEpoch: (context: LedgerContext) => void;
};

/** A report that the GridAdmin has. */
type Handed = { readonly leaver: Leaver; readonly signed: SignedReport };

/** The recovery of one run. */
export class SimRecovery {
  readonly #modules: SimRecoveryModules;
  readonly #admin: SimGridAdmin;
  #lostAtMs: number | null = null;
  #handed: readonly Handed[] = [];
  #next: LedgerContext | null = null;
  /** That the recovery was signed on. */
  #blocks: readonly ChainEntry[] = [];
  #waiting: number;

  constructor(modules: SimRecoveryModules) {
    this.#modules = modules;
    const { plan, street } = modules;
    this.#admin = new SimGridAdmin(
      street,
      plan.declared.map((member) => street.members[member]!.id),
    );
    this.#waiting = plan.left.length;
  }

  start(): void {
    this.#modules.after(this.#modules.plan.trigger.latestMs, () => this.#lose());
  }

  /** True while nobody hears anybody. */
  get isSevered(): boolean {
    const { nowMs, plan } = this.#modules;
    return this.#lostAtMs !== null && nowMs() < this.#lostAtMs + plan.severedMs;
  }

  /** True once the GridAdmin has signed. */
  get isSigned(): boolean {
    return this.#next !== null;
  }

  /** True once everybody that is left has been given the next epoch. */
  get isOver(): boolean {
    return this.isSigned && this.#waiting === 0;
  }

  /** @param at a gateway @param said that has just left it */
  sawSaid(at: Gateway, said: Said): void {
    if (said.channel === "votes") this.#saw(at, said.message.kind);
  }

  /** @param at a gateway that has just decided a block */
  sawDecision(at: Gateway): void {
    this.#saw(at, "decision");
  }

  #saw({ options }: Gateway, kind: RecoveryPlan["trigger"]["kind"]): void {
    const { trigger } = this.#modules.plan;
    const isArmed = options.isSound && this.#modules.nowMs() >= trigger.armedMs;
    if (this.#lostAtMs === null && isArmed && kind === trigger.kind) this.#lose();
  }

  #lose(): void {
    if (this.#lostAtMs !== null) return;
    const { plan, after, nowMs, word, lose } = this.#modules;
    this.#lostAtMs = nowMs();
    for (const { member, afterMs } of plan.gone)
      after(afterMs, () => {
        word(this.#gateway(member), "is gone for good");
        lose(this.#gateway(member));
      });
    for (const leaver of plan.left)
      if (leaver.renouncesAfterMs !== null) after(leaver.renouncesAfterMs, () => this.#renounce(leaver));
  }

  /** With its agent stopped; where the power fails before there is a report, it is asked again. */
  #renounce(leaver: Leaver, isCutBetween = leaver.isCutBetween): void {
    const { draw, intervalMs, after, word, watch } = this.#modules;
    const gateway = this.#gateway(leaver.member);
    if (newestEpoch(gateway.context).number > 0) return;
    if (gateway.isUp) gateway.crash("cache-only", draw);
    const signed = renounceEpoch(gateway, draw, isCutBetween);
    if (gateway.options.isSound && gateway.disk.journal.isRenounced) watch.sawRenounced(gateway);
    word(gateway, signed === null ? "renounces, and the power fails" : "renounces and reports");
    if (leaver.followsOn) after(draw.within(0, 0.2) * intervalMs, () => this.#follow(gateway));
    if (signed === null) after(draw.within(0.1, 0.5) * intervalMs, () => this.#renounce(leaver, false));
    else this.#handIn({ leaver, signed });
  }

  #follow(gateway: Gateway): void {
    if (!gateway.isUp) gateway.boot();
  }

  /** The GridAdmin tries with every report that comes, and leaves out what it had to refuse. */
  #handIn({ leaver, signed }: Handed): void {
    const { plan } = this.#modules;
    const told = { leaver, signed: this.#told(leaver, signed) };
    if (leaver.isForgedFirst) this.#try([...this.#handed, { leaver, signed: this.#forged(signed) }]);
    this.#handed = [...this.#handed, told];
    if (plan.hasShortBlocks) this.#try(this.#handed, this.#blocksOf("shortest"));
    this.#try(this.#handed);
  }

  #try(handed: readonly Handed[], blocks = this.#blocksOf("longest")): void {
    if (this.isSigned) return;
    const { watch, word } = this.#modules;
    const tried = this.#admin.recover(
      blocks,
      handed.map(({ signed }) => signed),
    );
    const seen = this.#seen(handed, blocks);
    if (tried.kind === "signed") {
      this.#blocks = blocks;
      return this.#sign(tried, seen);
    }
    watch.sawRefused(seen, tried.code, tried.members);
    word(this.#gateway(handed.at(-1)!.leaver.member), `reports, and the GridAdmin says ${tried.code}`);
  }

  #sign(tried: Extract<RecoveryTry, { kind: "signed" }>, seen: ReportsSeen): void {
    const { plan, watch, after, onEpoch } = this.#modules;
    const { recovery, chain, context } = tried;
    watch.sawSigned(recovery, seen, (height) => chain.hashAt(heightOf(height)));
    this.#next = context;
    onEpoch(context);
    for (const leaver of plan.left) after(leaver.hearsAfterMs, () => this.#enter(leaver, context));
  }

  #enter(leaver: Leaver, context: LedgerContext): void {
    const { draw, word, watch, after, intervalMs } = this.#modules;
    const gateway = this.#gateway(leaver.member);
    const { abstention, isRenounced } = gateway.disk.journal;
    // Only whoever has given the old epoch up is forgiven what it forgot of it.
    if (abstention !== null && !isRenounced) this.#renounce(leaver, false);
    this.#waiting -= 1;
    if (gateway.restartWith(context, draw)) word(gateway, `enters epoch ${context.epoch.number}`);
    else if (gateway.options.isSound) watch.sawRefusal(gateway);
    if (leaver.isTempted !== null)
      after(draw.within(0, 0.5) * intervalMs, () => this.#tempt(gateway, leaver));
  }

  /** Whoever remembers what it entered takes no other file. */
  #tempt(gateway: Gateway, { isTempted }: Leaver): void {
    const { street, draw, word } = this.#modules;
    const file = isTempted === "with-old" ? street.context : this.#second();
    if (file === null || gateway.disk.journal.epoch === null || gateway.disk.journal.abstention !== null)
      return;
    gateway.restartWith(file, draw);
    word(gateway, `is tempted ${isTempted}`);
  }

  /** The GridAdmin signs again, with other reports: another recovery of the same number, if it can. */
  #second(): LedgerContext | null {
    const reports = this.#handed.map(({ signed }) => signed);
    const tried = this.#admin.recover(this.#blocks, reports.slice(1));
    return tried.kind === "signed" ? tried.context : null;
  }

  #told({ reports }: Leaver, { report, signature }: SignedReport): SignedReport {
    if (reports === "true") return { report, signature };
    const head = reports === "behind" ? { height: heightOf(0), hash: ZERO_HASH } : report.head;
    return this.#signedAs({ ...report, head, prepared: null, isSound: true });
  }

  /** A block that nobody prepared, above the head. */
  #forged({ report }: SignedReport): SignedReport {
    const height = heightOf(report.head.height + 1);
    const nothing = new Uint8Array([0]);
    return this.#signedAs({ ...report, prepared: { height, certificate: nothing, block: nothing } });
  }

  #signedAs(report: SignedReport["report"]): SignedReport {
    const { sign } = this.#modules.street.members.find(({ id }) => id === report.member)!;
    return { report, signature: sign(reportSignBytes(report)) };
  }

  #seen(handed: readonly Handed[], blocks: readonly ChainEntry[]): ReportsSeen {
    return {
      voters: this.#admin.votersAbove(blocks),
      lost: this.#modules.plan.declared.length,
      reports: handed.map(({ leaver, signed: { report } }) => ({
        report,
        isOfSound: this.#gateway(leaver.member).options.isSound,
      })),
    };
  }

  /** Of the sound gateways that have reported. */
  #blocksOf(which: "longest" | "shortest"): readonly ChainEntry[] {
    const chains = this.#handed
      .map(({ leaver }) => this.#gateway(leaver.member))
      .map(({ disk }) => [...disk.blocks.acknowledged()])
      .toSorted((left, right) => left.length - right.length);
    return chains.at(which === "longest" ? -1 : 0) ?? [];
  }

  #gateway(member: number): Gateway {
    return this.#modules.gateways()[member]!;
  }
}
