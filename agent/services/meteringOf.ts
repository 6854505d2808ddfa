/** The metering of one gateway, by its enrolment, its genesis and what it has stated before. */
import type { LedgerContext } from "../core/ledger/context.ts";
import type { RosterMember } from "../core/membership/roster.ts";
import { firstUnstated } from "./firstUnstated.ts";
import type { LedgerService } from "./ledger.ts";
import { type MeteringModules, MeteringService } from "./metering.ts";

/**
 * @param context of the epoch
 * @param self this gateway in the roster
 * @param ledger that knows what was settled
 * @param modules of the metering
 * @returns the metering, not started yet
 */
export function meteringOf(
  context: LedgerContext,
  self: RosterMember,
  ledger: LedgerService,
  modules: MeteringModules,
): MeteringService {
  const { id: member, connectionRatingW } = self;
  const { chainId, epoch } = context.roster;
  return new MeteringService(
    {
      member,
      connectionRatingW,
      genesis: context.genesis,
      chainId,
      epoch,
      // Asked anew at each boundary: a ledger that was lost comes to know what was stated before.
      get firstUnstated() {
        return firstUnstated(member, modules.outbox, ledger.state);
      },
    },
    modules,
  );
}
