/** One judgement of the same bytes on the same state. */
import * as original from "../../../../../agent/core/ledger/blocks/judgeBlock.ts";
import { shared } from "../../sharedWork.ts";

export * from "../../../../../agent/core/ledger/blocks/judgeBlock.ts";
export const judgeBlock: typeof original.judgeBlock = shared(original.judgeBlock);
export const judgeCertificate: typeof original.judgeCertificate = shared(original.judgeCertificate);
