/**
 * What this gateway states of its meters: one statement after another, each signed once and durable before anybody
 * hears of it.
 */
import { decode } from "../../core/codec.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { MemberId } from "../../core/membership/address.ts";
import {
  encodeReading,
  MAX_READING_BYTES,
  type Reading,
  readingSignBytes,
  type SignedReading,
  signedReading,
} from "../../core/metering/reading.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { Signer } from "../../ports/signer.ts";
import type { OwnEchoes } from "./ownEchoes.ts";

/** A reading before it has its place among the others. */
export type Statement = Pick<Reading, "interval" | "time" | "content">;

/** Own statements, in the order in which they were asked for. */
export type OwnReadings = {
  /**
   * @param statement to sign
   * @returns it, durable; null when this gateway may have stated the interval before it lost its disk
   * @throws JournalError of the outbox; `JOURNAL_FULL` states nothing
   */
  readonly state: (statement: Statement) => Promise<SignedReading | null>;
  /** @returns what no block contains yet, oldest first */
  readonly pending: () => readonly SignedReading[];
};

/** What they are made with. */
export type OwnReadingsModules = {
  readonly context: LedgerContext;
  readonly self: MemberId;
  readonly outbox: Outbox;
  readonly signer: Signer;
  readonly echoes: Pick<OwnEchoes, "withholds" | "firstFree">;
};

/** @param modules of this gateway @returns its statements */
export function ownReadings({ context, self, outbox, signer, echoes }: OwnReadingsModules): OwnReadings {
  const { chainId, epoch } = context.roster;
  const state = async (statement: Statement): Promise<SignedReading | null> => {
    if (echoes.withholds(statement)) return null;
    if (echoes.firstFree > outbox.nextSequence()) await outbox.skipTo(echoes.firstFree);
    const reading: Reading = {
      ...statement,
      member: self,
      sequence: outbox.nextSequence(),
      boot: outbox.boot,
    };
    const signature = await signer.sign(readingSignBytes(reading, chainId, epoch));
    const signed = { reading, signature };
    await outbox.append({ sequence: reading.sequence, bytes: encodeReading(signed) });
    return signed;
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    state: (statement) => {
      // A statement that failed took no sequence number; the next one does not depend on it.
      const next = last.then(
        () => state(statement),
        () => state(statement),
      );
      last = next;
      return next;
    },
    pending: () =>
      outbox.pending().flatMap(({ bytes }) => {
        const read = decode(bytes, signedReading, MAX_READING_BYTES);
        return read.kind === "accept" ? [read.value] : [];
      }),
  };
}
