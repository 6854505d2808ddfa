/**
 * The ballot that a gateway casts by itself, once in a term: for the voter that it found most often on time and within
 * reach. Its owner may cast another one; then this one is not cast.
 *
 * @source docs/protocol.md, "The office"
 */
import { candidates } from "../../core/consensus/candidates.ts";
import { decodeCommitCertificate } from "../../core/consensus/certificateCodec.ts";
import { type LedgerContext, seatingOf } from "../../core/ledger/state/context.ts";
import type { TransactionContent } from "../../core/ledger/state/transaction.ts";
import type { MemberId } from "../../core/membership/address.ts";
import { height } from "../../core/units.ts";
import type { Logger } from "../../ports/logger.ts";
import type { CommittedBlock, LedgerService } from "../ledger/ledger.ts";

/** What ballots are made of. */
export type BallotsModules = {
  readonly context: LedgerContext;
  readonly ledger: LedgerService;
  readonly self: MemberId;
  /** @returns true while this gateway votes */
  readonly mayVote: () => boolean;
  readonly submit: (content: TransactionContent) => Promise<unknown>;
  readonly logger: Logger;
};

/** How often a voter did its part in this term, as far as this gateway saw: votes in certificates, readings on time. */
export type Observed = ReadonlyMap<MemberId, number>;

/** Blocks of a term before which no ballot is cast by itself: half of it, so that there is something to judge by. */
const CAST_AFTER_SHARE = 0.5;

/**
 * @param order of the candidates, the DSO in office among them
 * @param observed of each
 * @param excluded who gets no ballot: the caster itself, and the DSO in office, whose term is to end
 * @returns whom to choose; of equals the one that is earlier in the order; null when there is nobody
 */
export function preferred(
  order: readonly MemberId[],
  observed: Observed,
  excluded: ReadonlySet<MemberId>,
): MemberId | null {
  let best: MemberId | null = null;
  for (const voter of order) {
    if (excluded.has(voter)) continue;
    if (best === null || (observed.get(voter) ?? 0) > (observed.get(best) ?? 0)) best = voter;
  }
  return best;
}

/** Watches the blocks of a term and casts the ballot of this gateway. */
export class Ballots {
  readonly #modules: BallotsModules;
  #observed = new Map<MemberId, number>();
  #term = 0;
  #castInTerm = 0;
  #stopListening: () => void = () => {};

  constructor(modules: BallotsModules) {
    this.#modules = modules;
  }

  start(): void {
    this.#stopListening = this.#modules.ledger.onCommit((block) => this.#onCommit(block));
  }

  stop(): void {
    this.#stopListening();
  }

  #onCommit(block: CommittedBlock): void {
    const { term } = block.block.header;
    if (term !== this.#term) this.#observed = new Map();
    this.#term = term;
    this.#observe(block);
    const content = this.#due();
    if (content === null) return;
    this.#castInTerm = term;
    this.#modules
      .submit(content)
      .catch((error: unknown) => this.#modules.logger.error("ballot.not-cast", error, { term }));
  }

  #observe({ block: { header, body } }: CommittedBlock): void {
    for (const { outcome } of body.intervals) for (const { member } of outcome.positions) this.#note(member);
    if (body.parentCertificate === null) return;
    const parent = height(header.height - 1);
    // A roster that has just changed may be read with the wrong voters: then this certificate is passed over.
    const { voters } = this.#modules.ledger.contextAt(parent).voters;
    const decoded = decodeCommitCertificate(body.parentCertificate, parent, voters);
    if (decoded.kind !== "accept") return;
    for (const { voter } of decoded.value.signers) this.#note(voter as MemberId);
  }

  #note(member: MemberId): void {
    this.#observed.set(member, (this.#observed.get(member) ?? 0) + 1);
  }

  /** @returns the ballot that is to be cast now */
  #due(): TransactionContent | null {
    const { context, ledger, self, mayVote } = this.#modules;
    const { state } = ledger;
    if (state.office === null || this.#castInTerm === this.#term || state.ballots.has(self)) return null;
    if (ledger.next.roster.byId.get(self)?.isVoter !== true) return null;
    if (!mayVote() || state.office.blocksInTerm < context.genesis.termMax * CAST_AFTER_SHARE) return null;
    const order = candidates(seatingOf(context, state)) as readonly MemberId[];
    const candidate = preferred(order, this.#observed, new Set([self, state.office.dso]));
    return candidate === null ? null : { kind: "ballot", candidate };
  }
}
