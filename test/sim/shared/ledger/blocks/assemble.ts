/** One computation of a block from the same parent state and the same facts: all gateways share the state after it. */
import * as original from "../../../../../agent/core/ledger/blocks/assemble.ts";
import { shared } from "../../sharedWork.ts";

export * from "../../../../../agent/core/ledger/blocks/assemble.ts";
export const assembleBlock: typeof original.assembleBlock = shared(
  original.assembleBlock,
  (context, state, facts) => {
    const { parentCertificate, claim, late, intervals, transactions, ...others } = facts;
    // A fact that is new to blocks must be part of the key: then this no longer compiles.
    others satisfies Record<string, never>;
    const { dso, term, mandate } = claim;
    const certificate = mandate.kind === "recall" ? mandate.certificate : null;
    const office = [dso, term, mandate.kind, certificate];
    const lists = [
      late.length,
      ...late,
      intervals.length,
      ...intervals,
      transactions.length,
      ...transactions,
    ];
    return [context, state, parentCertificate, ...office, ...lists];
  },
);
