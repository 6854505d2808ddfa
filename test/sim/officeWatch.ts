/**
 * An onlooker of what decides blocks: certificates, the parent's among them, and the office that each block is made in.
 * A sound signer really signed that, and the DSO is the one of the order of office.
 */
import type { VoterId } from "../../agent/core/consensus/candidates.ts";
import {
  decodeCommitCertificate,
  decodeRoundChangeCertificate,
} from "../../agent/core/consensus/certificateCodec.ts";
import type { Block } from "../../agent/core/ledger/blocks/block.ts";
import type { ChainEntry } from "../../agent/core/ledger/chain/chain.ts";
import { baseHeight } from "../../agent/core/membership/epoch.ts";
import type { GenesisBody } from "../../agent/core/membership/genesis.ts";
import { type Height, height as heightOf } from "../../agent/core/units.ts";
import type { EpochBooks } from "./epochBooks.ts";
import type { RosterByHand } from "./rosterBook.ts";
import { type OfficeByHand, seatsByHand } from "./seatsByHand.ts";

/** What the onlooker is told of the run. */
export type OfficeWatchModules = {
  readonly genesis: GenesisBody;
  /** Know who takes part in which block, and what was voted. */
  readonly books: EpochBooks;
  readonly liars: ReadonlySet<string>;
  readonly say: (fault: string) => void;
};

/** The offices of one run. */
export class OfficeWatch {
  readonly #modules: OfficeWatchModules;
  #office: OfficeByHand | null = null;

  constructor(modules: OfficeWatchModules) {
    this.#modules = modules;
  }

  get terms(): number {
    return this.#office?.term ?? 0;
  }

  /** @param entry as it is stored @param block that it holds; in the order of heights */
  sawBlock(entry: ChainEntry, block: Block): void {
    this.#checkCertificate(entry);
    this.#checkParent(block);
    this.#checkOffice(block);
  }

  #checkCertificate(entry: ChainEntry): void {
    const { voters, quorum } = this.#rosterAt(entry.height);
    const decoded = decodeCommitCertificate(entry.certificate, entry.height, voters);
    const signers =
      decoded.kind === "accept" ? new Set(decoded.value.signers.map(({ voter }) => voter)).size : 0;
    if (signers < quorum) this.#modules.say(`height ${entry.height} stored with ${signers} signers`);
  }

  /** Whoever is sound and stands in the parent's certificate really committed the parent, in that round. */
  #checkParent({ header, body }: Block): void {
    const { books, liars, say } = this.#modules;
    if (header.height === 1) return;
    const parent = heightOf(header.height - 1);
    if (baseHeight(books.at(header.height).epoch) === parent) {
      if (body.parentCertificate !== null) say(`height ${header.height} begins an epoch with a certificate`);
      return;
    }
    const { votes } = books.at(parent);
    const { voters, quorum } = this.#rosterAt(parent);
    const decoded =
      body.parentCertificate === null
        ? null
        : decodeCommitCertificate(body.parentCertificate, parent, voters);
    if (decoded?.kind !== "accept") return say(`height ${header.height} embeds no certificate`);
    const { signers, round, blockHash } = decoded.value;
    const distinct = [...new Set(signers.map(({ voter }) => voter))];
    const areReal = distinct.every(
      (voter) => liars.has(voter) || votes.hasCommitted(voter, parent, round, blockHash),
    );
    if (distinct.length < quorum || !areReal || blockHash !== header.parentHash)
      say(`height ${header.height} embeds a certificate that its parent does not have`);
  }

  #checkOffice(block: Block): void {
    const { header, body } = block;
    const before = this.#office;
    const { genesis, say } = this.#modules;
    const { members } = this.#rosterAt(header.height);
    const isNewTerm = header.term === (before?.term ?? 0) + 1;
    const isTermServed =
      before !== null && (before.blocks >= genesis.termMax || members.get(before.dso)?.isVoter !== true);
    const rightful = {
      genesis: () => before === null && isNewTerm,
      continued: () => before?.dso === header.dso && header.term === before.term && !isTermServed,
      "term-end": () => isTermServed && isNewTerm,
      recall: () => isNewTerm && this.#isMandated(header.height, header.dso, body.mandateProof),
    }[header.mandate]();
    if (!rightful || !this.#isSeated(block))
      say(`office of height ${header.height} usurped: ${header.mandate} ${header.dso}`);
    const blocks = isNewTerm ? 1 : (before?.blocks ?? 0) + 1;
    this.#office = { dso: header.dso, term: header.term, blocks };
  }

  /** The order of office, the round by the block's own account. */
  #isSeated({ header, body }: Block): boolean {
    const { voters } = this.#rosterAt(header.height);
    const { seed, termMax } = this.#modules.genesis;
    const proof = body.mandateProof;
    const decoded = proof === null ? null : decodeRoundChangeCertificate(proof, header.height, voters);
    const round = decoded?.kind === "accept" ? decoded.value.round : 0;
    const ids = voters.map(({ id }) => id);
    const seats = seatsByHand(ids, this.#office, termMax, seed);
    return seats[round % seats.length] === header.dso;
  }

  /** A recall names a quorum; the sound ones among it really asked for this DSO and had prepared nothing. */
  #isMandated(height: Height, dso: VoterId, proof: Uint8Array | null): boolean {
    const { liars, books } = this.#modules;
    if (proof === null) return false;
    const { votes } = books.at(height);
    const { voters, quorum } = this.#rosterAt(height);
    const decoded = decodeRoundChangeCertificate(proof, height, voters);
    if (decoded.kind !== "accept") return false;
    const { signers, round } = decoded.value;
    const distinct = new Set(signers.map(({ voter }) => voter));
    const areMeant = [...distinct].every((voter) => {
      if (liars.has(voter)) return true;
      const said = votes.roundChangeOf(voter, height, round);
      return said?.candidate === dso && said.preparedHash === null;
    });
    return distinct.size >= quorum && areMeant;
  }

  #rosterAt(height: Height): RosterByHand {
    return this.#modules.books.at(height).roster.at(height);
  }
}
