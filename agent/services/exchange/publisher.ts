/** Hands what this gateway says to the gossip. What does not go out is made up for by the sync stream. */
import type { Message } from "../../core/consensus/message.ts";
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { SignedTransaction } from "../../core/ledger/state/transaction.ts";
import type { SignedReading } from "../../core/metering/reading.ts";
import type { Height } from "../../core/units.ts";
import { encodeReadingMessage, encodeTransactionMessage, encodeVoteMessage } from "../../core/wire.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Channel, Transport } from "../../ports/transport.ts";

/** What a publisher is made of. */
export type PublisherModules = {
  readonly context: LedgerContext;
  /** @returns the facts of a height, with its voters */
  readonly contextAt: (height: Height) => LedgerContext;
  readonly transport: Pick<Transport, "publish">;
  readonly logger: Logger;
};

/** Everything a gateway publishes. */
export type Publisher = {
  readonly vote: (message: Message) => void;
  readonly transaction: (signed: SignedTransaction) => void;
  readonly reading: (signed: SignedReading) => void;
};

/** @param modules of the agent @returns its publisher */
export function publisher({ context, contextAt, transport, logger }: PublisherModules): Publisher {
  const { roster } = context;
  const publish = (channel: Channel, bytes: Uint8Array) => {
    transport
      .publish(channel, bytes)
      .catch((error: unknown) => logger.error("publish.failed", error, { channel }));
  };
  return {
    vote: (message) => {
      const { voters } = contextAt(message.height).voters;
      publish("votes", encodeVoteMessage(message, roster.chainId, voters));
    },
    transaction: (signed) => publish("transactions", encodeTransactionMessage(signed, roster.chainId)),
    reading: (signed) => publish("readings", encodeReadingMessage(signed, roster.chainId)),
  };
}
