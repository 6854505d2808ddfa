/**
 * Own readings of one life: as the file has them, and where an epoch has ended since, signed again in the one that is in
 * progress. What lies on the disk stays as it was.
 */
import type { LedgerContext } from "../../agent/core/ledger/state/context.ts";
import { encodeReading, type SignedReading } from "../../agent/core/metering/reading.ts";
import type { Clock } from "../../agent/ports/clock.ts";
import type { Logger } from "../../agent/ports/logger.ts";
import type { OutboxEntry } from "../../agent/ports/outbox.ts";
import { OwnEchoes } from "../../agent/services/metering/ownEchoes.ts";
import { readingToSign } from "../../agent/services/pools/outboxInEpoch.ts";
import type { SimFile } from "./disk.ts";
import type { SimLedger } from "./simLedger.ts";
import type { SimMember } from "./street.ts";

const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** @param outbox of a life @param ledger of it @param clock of it @returns its echoes; nobody is waited for: what others know is heard when it comes */
export function simEchoes(outbox: SimOutbox, ledger: SimLedger, clock: Clock): OwnEchoes {
  const last = () => Math.max(0, ...outbox.records.map(({ reading }) => reading.sequence));
  return new OwnEchoes({
    outbox: { pending: () => outbox.pending, nextSequence: () => last() + 1 },
    state: () => ledger.state,
    hasOthers: () => false,
    clock,
    logger: SILENT,
  });
}

/** One life's outbox. */
export class SimOutbox {
  readonly #file: SimFile<SignedReading>;
  readonly #context: LedgerContext;
  readonly #member: SimMember;
  readonly #again = new Map<SignedReading, SignedReading>();

  constructor(file: SimFile<SignedReading>, context: LedgerContext, member: SimMember) {
    this.#file = file;
    this.#context = context;
    this.#member = member;
    if (context.epochs.length > 1) for (const signed of file.read().records) this.#signAgain(signed);
  }

  /** Everything stated. */
  get records(): readonly SignedReading[] {
    return this.#file.read().records.map((signed) => this.#again.get(signed) ?? signed);
  }

  /** All that may leave the gateway. */
  get acknowledged(): readonly SignedReading[] {
    return this.#file.acknowledged().map((signed) => this.#again.get(signed) ?? signed);
  }

  /** Everything stated, as the product's outbox gives it. */
  get pending(): readonly OutboxEntry[] {
    return this.records.map((signed) => ({
      sequence: signed.reading.sequence,
      bytes: encodeReading(signed),
    }));
  }

  append(signed: SignedReading): void {
    this.#file.append(signed);
  }

  sync(): void {
    this.#file.sync();
  }

  #signAgain(signed: SignedReading): void {
    const { enrolment, sign } = this.#member;
    const { roster, voters } = this.#context;
    const { publicKey } = enrolment.body;
    const message = readingToSign(signed, { publicKey, roster, verify: voters.verify });
    if (message !== null) this.#again.set(signed, { ...signed, signature: sign(message) });
  }
}
