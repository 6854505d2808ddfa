/** A DSO that changes one trade of its own block, makes hashes and signature fit again, and proposes that. */

import { type Proposal, signBytesOf } from "../../agent/core/consensus/message.ts";
import { blockHash, bodyRoot, encodeBlock, readBlock } from "../../agent/core/ledger/blocks/block.ts";
import type { LedgerContext } from "../../agent/core/ledger/state/context.ts";
import { signMessage } from "../../agent/core/signature.ts";
import { wh } from "../../agent/core/units.ts";
import { encodeVoteMessage, readWire } from "../../agent/core/wire.ts";
import type { Transport } from "../../agent/ports/transport.ts";
import { wrappedTransport } from "./wrappedTransport.ts";

/** What the liar needs to sign what it made up. */
export type LiarOptions = { readonly context: LedgerContext; readonly secretKey: Uint8Array };

/**
 * Wraps a transport so that every fresh proposal with a trade leaves it with that trade one Wh larger.
 *
 * @param transport what the honest agent publishes to
 * @param options chain and key of the liar
 * @param onLie called with each altered proposal
 */
export function lyingTransport(
  transport: Transport,
  options: () => LiarOptions,
  onLie: () => void,
): Transport {
  return wrappedTransport(transport, {
    publish: (channel, bytes) => {
      const { context, secretKey } = options();
      const read =
        channel === "votes"
          ? readWire(channel, bytes, context.roster.chainId, () => context.voters.voters)
          : null;
      const isProposal =
        read?.kind === "accept" && read.value.kind === "vote" && read.value.message.kind === "proposal";
      if (!isProposal) return transport.publish(channel, bytes);
      const altered = withAlteredTrade(read.value.message as Proposal, context, secretKey);
      if (altered === null) return transport.publish(channel, bytes);
      onLie();
      return transport.publish(
        channel,
        encodeVoteMessage(altered, context.roster.chainId, context.voters.voters),
      );
    },
  });
}

/** @returns the proposal of a block whose first trade is one Wh larger, hashed and signed anew; null without a trade */
export function withAlteredTrade(
  proposal: Proposal,
  context: LedgerContext,
  secretKey: Uint8Array,
): Proposal | null {
  const read = proposal.body === null ? null : readBlock(proposal.body);
  if (read?.kind !== "accept") return null;
  const [first, ...rest] = read.value.body.intervals;
  const [trade, ...others] = first?.outcome.trades ?? [];
  if (first === undefined || trade === undefined) return null;
  const trades = [{ ...trade, wh: wh(trade.wh + 1n) }, ...others];
  const body = {
    ...read.value.body,
    intervals: [{ ...first, outcome: { ...first.outcome, trades } }, ...rest],
  };
  const header = { ...read.value.header, bodyRoot: bodyRoot(body) };
  const unsigned = { ...proposal, blockHash: blockHash(header), body: encodeBlock({ header, body }) };
  const signature = signMessage(
    secretKey,
    signBytesOf(unsigned, context.roster.chainId, context.roster.epoch),
  );
  return { ...unsigned, signature };
}
