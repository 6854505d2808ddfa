/**
 * An onlooker of epochs: who gave one up, who entered which, and whether every block that any gateway ever decided is in
 * the chain that goes on. How many reports prove a recovery it finds by search.
 */
import { decodeCommitCertificate } from "../../agent/core/consensus/certificateCodec.ts";
import type { Message } from "../../agent/core/consensus/message.ts";
import type { Hash } from "../../agent/core/hash.ts";
import type { RecoveryReport } from "../../agent/core/ledger/chain/recoveryReport.ts";
import { newestEpoch } from "../../agent/core/ledger/state/context.ts";
import { baseHeight, baseOf, type Epoch, type RecoveryBody } from "../../agent/core/membership/epoch.ts";
import { height as heightOf } from "../../agent/core/units.ts";
import type { EpochBooks } from "./epochBooks.ts";
import type { Gateway } from "./gateway.ts";
import { reportsByHand } from "./quorumByHand.ts";

/** What the GridAdmin was given, and which of it counts. */
export type ReportsSeen = {
  /** Voters of the height in progress. */
  readonly voters: number;
  readonly lost: number;
  readonly reports: readonly { readonly report: RecoveryReport; readonly isOfSound: boolean }[];
};

/** Books of one run. */
export class EpochWatch {
  readonly faults: string[] = [];
  readonly #books: EpochBooks;
  /** Epochs that a gateway has given up, by what their signatures are bound to. */
  readonly #renounced = new Map<Gateway, Set<Hash>>();
  readonly #entered = new Map<Gateway, Epoch>();
  /** Successors of an epoch that somebody entered. */
  readonly #successors = new Map<number, Hash>();

  /** @param books of all epochs */
  constructor(books: EpochBooks) {
    this.#books = books;
  }

  /** @param at a sound gateway whose journal has it */
  sawRenounced(at: Gateway): void {
    const given = this.#renounced.get(at) ?? new Set();
    this.#renounced.set(at, given.add(newestEpoch(at.context).chainId));
  }

  /** @param at a sound gateway that starts in the epoch of its genesis file */
  sawEntered(at: Gateway): void {
    const epoch = newestEpoch(at.context);
    const before = this.#entered.get(at);
    const { name } = at.options;
    if (before !== undefined && epoch.number < before.number)
      this.faults.push(`EPOCH: ${name} goes back to epoch ${epoch.number}`);
    if (before?.number === epoch.number && before.chainId !== epoch.chainId)
      this.faults.push(`EPOCH: ${name} enters two genesis files of epoch ${epoch.number}`);
    const successor = this.#successors.get(epoch.number) ?? epoch.chainId;
    if (successor !== epoch.chainId) this.faults.push(`EPOCH: two successors, ${name} is in the second`);
    this.#successors.set(epoch.number, successor);
    this.#entered.set(at, epoch);
  }

  /** @param at a sound gateway @param message that it is about to publish */
  sawVote(at: Gateway, { kind, height, round }: Message): void {
    const epoch = newestEpoch(at.context);
    const vote = `${at.options.name} sends a ${kind} of height ${height} round ${round}`;
    if (this.#renounced.get(at)?.has(epoch.chainId))
      this.faults.push(`RENOUNCED: ${vote} in epoch ${epoch.number}, which it has given up`);
    if (height <= baseHeight(epoch))
      this.faults.push(`BORDER: ${vote} in epoch ${epoch.number}, which goes on above it`);
  }

  /** @param at a sound gateway @param height of a block that it has for decided @param blockHash of it */
  sawDecided(at: Gateway, height: number, blockHash: Hash): void {
    const { recovery } = this.#books.newest.epoch;
    if (recovery !== null && newestEpoch(at.context).number < recovery.epoch)
      this.#checkKept(recovery, height, blockHash);
  }

  /** @param at a sound gateway that refuses the first genesis file of the next epoch that it is given */
  sawRefusal(at: Gateway): void {
    this.faults.push(`EPOCH: ${at.options.name} refuses the next one`);
  }

  /** @param seen what the GridAdmin has @param code why it does not sign @param blamed members whose reports it refuses */
  sawRefused({ voters, lost, reports }: ReportsSeen, code: string, blamed: readonly string[]): void {
    if (code === "RECOVERY_REPORT_REFUSED")
      for (const { report, isOfSound } of reports)
        if (isOfSound && blamed.includes(report.member))
          this.faults.push(`RECOVERY: the report of sound ${report.member} is refused`);
    const sound = reports.filter(({ report }) => report.isSound).length;
    if (code === "RECOVERY_TOO_FEW" && sound >= reportsByHand(voters, lost))
      this.faults.push(`RECOVERY: refused with ${sound} sound reports of ${voters} voters, ${lost} lost`);
  }

  /**
   * @param recovery that the GridAdmin signs
   * @param seen what it rests on
   * @param hashAt of the chain that goes on, up to the head
   */
  sawSigned(recovery: RecoveryBody, seen: ReportsSeen, hashAt: (height: number) => Hash): void {
    const { voters, lost, reports } = seen;
    const sound = reports.filter(({ report }) => report.isSound).length;
    const needed = reportsByHand(voters, lost);
    if (!recovery.isProven || sound < needed || recovery.reporters.length !== sound)
      this.faults.push(
        `RECOVERY: signed with ${recovery.reporters.length} of ${sound} sound reports, needed ${needed}`,
      );
    for (const { report, isOfSound } of reports)
      if (isOfSound && report.head.height > baseOf(recovery).height)
        this.faults.push(
          `RECOVERY: ${report.member} reports height ${report.head.height}, which is given up`,
        );
    this.#checkHighest(recovery, reports);
    for (const [height, { blockHash }] of this.#books.newest.votes.decided)
      if (height <= recovery.head.height && hashAt(height) !== blockHash)
        this.faults.push(`RECOVERY: goes on from another block of height ${height} than was decided`);
      else this.#checkKept(recovery, height, blockHash);
  }

  /** Of the blocks that are reported prepared above the head the one of the highest round is taken over. */
  #checkHighest({ head, prepared }: RecoveryBody, reports: ReportsSeen["reports"]): void {
    const height = heightOf(head.height + 1);
    const { voters } = this.#books.newest.roster.at(height);
    const rounds = reports.flatMap(({ report, isOfSound }) => {
      if (!isOfSound || report.prepared?.height !== height) return [];
      const decoded = decodeCommitCertificate(report.prepared.certificate, height, voters);
      return decoded.kind === "accept" ? [decoded.value.round] : [];
    });
    const highest = Math.max(-1, ...rounds);
    if ((prepared?.round ?? -1) < highest)
      this.faults.push(
        `RECOVERY: takes over round ${prepared?.round ?? "none"} where round ${highest} is reported`,
      );
  }

  /** What was decided in an epoch that has ended is in the chain that goes on. */
  #checkKept(recovery: RecoveryBody, height: number, blockHash: Hash): void {
    const base = baseOf(recovery);
    if (height < base.height || (height === base.height && blockHash === base.hash)) return;
    this.faults.push(
      `GIVEN UP: height ${height} was decided; epoch ${recovery.epoch} goes on from ${base.height} ${base.hash.slice(0, 8)}`,
    );
  }
}
