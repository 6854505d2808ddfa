/** One computation of a block from the same parent state and the same facts: all gateways share the state after it. */
import * as original from "../../../../agent/core/ledger/assemble.ts";
import { shared } from "../sharedWork.ts";

export * from "../../../../agent/core/ledger/assemble.ts";
export const assembleBlock: typeof original.assembleBlock = shared(
  original.assembleBlock,
  (context, state, { parentCertificate, claim: { dso, term, mandate }, intervals }) => [
    context,
    state,
    parentCertificate,
    dso,
    term,
    mandate.kind,
    mandate.kind === "recall" ? mandate.certificate : null,
    intervals.length,
    ...intervals,
  ],
);
