/** What a simulated gateway consists of between a start and a power cut. */

import type { RoundTrips } from "../../agent/services/agreement/roundTrips.ts";
import type { inbox } from "../../agent/services/exchange/inbox.ts";
import type { OwnEchoes } from "../../agent/services/metering/ownEchoes.ts";
import type { ReadingPool } from "../../agent/services/pools/readingPool.ts";
import type { TransactionPool } from "../../agent/services/pools/transactionPool.ts";
import type { SimConsensus } from "./simConsensus.ts";
import type { SimLedger } from "./simLedger.ts";
import type { SimMetering } from "./simMetering.ts";
import type { SimOutbox } from "./simOutbox.ts";

/** Everything that a power cut takes. */
export type Life = {
  readonly ledger: SimLedger;
  readonly outbox: SimOutbox;
  readonly pool: ReadingPool;
  readonly transactions: TransactionPool;
  readonly consensus: SimConsensus;
  readonly judge: ReturnType<typeof inbox>;
  readonly roundTrips: RoundTrips;
};

/** What waits for a block. */
export type Pools = Pick<Life, "pool" | "transactions">;
/** What its metering is made of. */
export type MeteringParts = Pick<Life, "ledger" | "outbox" | "pool"> & {
  readonly boot: number;
  readonly echoes: OwnEchoes;
};
/** What its agreement is made of. */
export type ConsensusParts = Omit<Life, "consensus" | "judge"> & { readonly metering: SimMetering };
/** What its inbox is made of. */
export type InboxParts = Pick<Life, "ledger" | "consensus"> & Pools & { readonly echoes: OwnEchoes };
