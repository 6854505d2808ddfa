/** The product settles a late reading; the correction as a block has it, and the money after it. */
import { type Cbor, encode } from "../../agent/core/codec.ts";
import { type Correction, settleLate } from "../../agent/core/ledger/settlement/lateSection.ts";
import { emptyState, type LedgerState, NEW_MEMBER } from "../../agent/core/ledger/state/state.ts";
import { cborMoney } from "../../agent/core/market/accounts.ts";
import { intervalIndex } from "../../agent/core/units.ts";
import type { DrawnLate } from "./drawLate.ts";
import { encodedEntry, NO_SIGNATURE, paperContext } from "./paperStreet.ts";

/** @param drawn a late reading @returns canonical bytes: its correction, and the money after it */
export function settleLateFirst(drawn: DrawnLate): Uint8Array {
  const { entry, state } = settledOf(drawn);
  const [, correction] = encodedEntry({ late: [entry] }) as readonly [Cbor, Cbor];
  return encode([correction, cborMoney(state.money)]);
}

/** @param drawn a late reading @returns its correction */
export function correctedByFirst(drawn: DrawnLate): Correction {
  return settledOf(drawn).entry.correction;
}

function settledOf(drawn: DrawnLate): ReturnType<typeof settleLate> {
  const { member, interval, content } = drawn;
  const reading = { member, interval, sequence: 1, boot: 1, time: "synchronised", content } as const;
  return settleLate(paperContext(drawn), stateBefore(drawn), { reading, signature: NO_SIGNATURE });
}

function stateBefore({ member, gap, policies, money }: DrawnLate): LedgerState {
  const coverage = { edge: null, gaps: [gap], swaps: [] };
  return {
    ...emptyState([member], intervalIndex(gap.to + 1)),
    members: new Map([[member, { ...NEW_MEMBER, coverage }]]),
    policies: policies.map((policy) => ({ policy, signature: NO_SIGNATURE })),
    money,
  };
}
