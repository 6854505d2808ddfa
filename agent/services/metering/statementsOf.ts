/** Who states what the meters of one gateway show: interval by interval, and late what missed its block. */
import type { LedgerContext } from "../../core/ledger/state/context.ts";
import type { RosterMember } from "../../core/membership/roster.ts";
import type { Outbox } from "../../ports/outbox.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import type { ReadingPool } from "../pools/readingPool.ts";
import { firstUnstated } from "./firstUnstated.ts";
import { LateReadings } from "./lateReadings.ts";
import { type MeteringModules, MeteringService } from "./metering.ts";
import type { OwnEchoes } from "./ownEchoes.ts";

/** What both are made of. */
export type StatementModules = MeteringModules & {
  readonly outbox: Outbox;
  readonly pool: ReadingPool;
  readonly echoes: Pick<OwnEchoes, "lastInterval">;
};

/**
 * @param context of the epoch
 * @param self this gateway in the roster
 * @param ledger that knows what was settled
 * @param modules of both
 * @returns the metering and the late readings, not started yet
 */
export function statementsOf(
  context: LedgerContext,
  self: RosterMember,
  ledger: LedgerService,
  modules: StatementModules,
): { readonly late: LateReadings; readonly metering: MeteringService } {
  const metering = new MeteringService(
    {
      connectionRatingW: self.connectionRatingW,
      genesis: context.genesis,
      // Asked anew at each boundary: a ledger that was lost comes to know what was stated before.
      get firstUnstated() {
        return firstUnstated(modules.outbox, ledger.state, modules.echoes.lastInterval);
      },
      // With the swaps of the ledger; of a gateway that no block has admitted yet, as it enrolled.
      enrolledSerial: (place) => (ledger.next.roster.byId.get(self.id) ?? self).meters[place]?.serial ?? null,
    },
    modules,
  );
  return { late: new LateReadings({ ...modules, context, self, ledger }), metering };
}
