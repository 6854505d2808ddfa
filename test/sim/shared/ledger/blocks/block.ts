/** One reading, one encoding and one hash of a block. */
import * as block from "../../../../../agent/core/ledger/blocks/block.ts";
import { shared } from "../../sharedWork.ts";

export * from "../../../../../agent/core/ledger/blocks/block.ts";
export const readBlock: typeof block.readBlock = shared(block.readBlock);
export const encodeBlock: typeof block.encodeBlock = shared(block.encodeBlock);
export const blockHash: typeof block.blockHash = shared(block.blockHash);
export const bodyRoot: typeof block.bodyRoot = shared(block.bodyRoot);
export const isBound: typeof block.isBound = shared(block.isBound);
