/**
 * Brings contradictions that this gateway has seen onto the ledger. All gateways see the same ones, so each waits its
 * turn, a block for every gateway before it in an order that the genesis fixes; mostly the first report is enough.
 *
 * @source docs/protocol.md, "Evidence"
 */
import type { Evidence } from "../../core/ledger/state/evidence.ts";
import { offencePlace, offenderOf } from "../../core/ledger/state/evidence.ts";
import type { SignedTransaction, TransactionContent } from "../../core/ledger/state/transaction.ts";
import { judgeEvidence } from "../../core/ledger/transactions/judgeEvidence.ts";
import type { MemberId } from "../../core/membership/address.ts";
import type { Logger } from "../../ports/logger.ts";
import type { LedgerService } from "../ledger/ledger.ts";

/** What reports are made of. */
export type EvidenceReportsModules = {
  readonly self: MemberId;
  readonly ledger: LedgerService;
  readonly submit: (content: TransactionContent) => Promise<SignedTransaction>;
  readonly logger: Logger;
};

/** Contradictions that wait; one member has one of each kind. */
const MAX_WAITING = 400;

/** Keeps what was seen until the ledger knows it. */
export class EvidenceReports {
  readonly #modules: EvidenceReportsModules;
  readonly #waiting = new Map<string, { readonly evidence: Evidence; blocksLeft: number }>();
  #stopListening: () => void = () => {};

  constructor(modules: EvidenceReportsModules) {
    this.#modules = modules;
  }

  start(): void {
    this.#stopListening = this.#modules.ledger.onCommit(() => this.#onCommit());
  }

  stop(): void {
    this.#stopListening();
  }

  /** @param evidence of two statements that this gateway holds */
  report(evidence: Evidence): void {
    const offender = offenderOf(evidence);
    const key = `${offender} ${evidence.kind}`;
    const known = this.#waiting.get(key);
    if (known !== undefined && offencePlace(known.evidence) >= offencePlace(evidence)) return;
    if (known === undefined && this.#waiting.size >= MAX_WAITING) return;
    const { self, ledger, logger } = this.#modules;
    const order = ledger.next.tieOrder.filter((member) => member !== offender);
    logger.warn("evidence.seen", { offender, of: evidence.kind, place: offencePlace(evidence) });
    this.#waiting.set(key, { evidence, blocksLeft: Math.max(0, order.indexOf(self)) });
  }

  #onCommit(): void {
    const { ledger, submit, logger } = this.#modules;
    for (const [key, waiting] of this.#waiting) {
      const judged = judgeEvidence(ledger.next, ledger.state, waiting.evidence);
      if (judged.kind !== "accept") {
        this.#waiting.delete(key);
        continue;
      }
      waiting.blocksLeft -= 1;
      if (waiting.blocksLeft >= 0) continue;
      this.#waiting.delete(key);
      submit({ kind: "evidence", evidence: waiting.evidence }).catch((error: unknown) => {
        logger.error("evidence.not-reported", error);
      });
    }
  }
}
