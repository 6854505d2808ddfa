/** One decoding of a gossip message for all who receive it, and one encoding for all who pass it on. */
import type { ElectorsAt } from "../../../agent/core/consensus/messageCodec.ts";
import * as wire from "../../../agent/core/wire.ts";
import { shared } from "./sharedWork.ts";

type ReadWire = typeof wire.readWire;
type Asked = { readonly height: Parameters<ElectorsAt>[0]; readonly electors: ReturnType<ElectorsAt> };

export * from "../../../agent/core/wire.ts";
export const encodeReadingMessage: typeof wire.encodeReadingMessage = shared(wire.encodeReadingMessage);
export const encodeVoteMessage: typeof wire.encodeVoteMessage = shared(wire.encodeVoteMessage);
export const encodeTransactionMessage: typeof wire.encodeTransactionMessage = shared(
  wire.encodeTransactionMessage,
);

/** The verdict, and which voters it rests on. */
const readAsking = shared(
  (...[channel, received, chainId, electorsAt]: Parameters<ReadWire>) => {
    const asked: Asked[] = [];
    const verdict = wire.readWire(channel, received, chainId, (height) => {
      const electors = electorsAt(height);
      asked.push({ height, electors });
      return electors;
    });
    return { verdict, asked };
  },
  (channel, received, chainId) => [channel, received, chainId],
);

/** Whoever knows the same voters shares the first one's verdict. */
export const readWire: ReadWire = (channel, received, chainId, electorsAt) => {
  const { verdict, asked } = readAsking(channel, received, chainId, electorsAt);
  const isSame = asked.every(({ height, electors }) => electorsAt(height) === electors);
  return isSame ? verdict : wire.readWire(channel, received, chainId, electorsAt);
};
