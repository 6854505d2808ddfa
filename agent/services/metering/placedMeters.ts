/** Which configured meter has which place of the enrolment: by role, and by a serial number that is known. */
import { readState } from "../../core/ledger/state/state.ts";
import type { MeterRole } from "../../core/membership/enrolment.ts";
import type { RosterMember } from "../../core/membership/roster.ts";
import type { LedgerStore } from "../../ports/ledgerStore.ts";
import { ServiceError } from "../base/serviceError.ts";

/** A meter as configured, as far as its place is concerned. */
type Configured = { readonly role: MeterRole; readonly serial: string };
type ConfiguredLine<Meter, Line> = {
  readonly config: { readonly meters: readonly Meter[] };
  readonly line: Line;
};

/**
 * Finds the meters of a gateway on its lines. After a swap the configuration may name the old serial number or the new.
 *
 * @param self this gateway as it enrolled
 * @param store with the head, not verified yet: it is asked for swaps of the gateway's own meters only
 * @param lines as configured and opened
 * @returns meter and line, in the order of the enrolment
 * @throws ServiceError `METER_NOT_CONFIGURED`
 */
export async function placedMeters<Meter extends Configured, Line>(
  self: RosterMember,
  store: Pick<LedgerStore, "head">,
  lines: readonly ConfiguredLine<Meter, Line>[],
): Promise<readonly { readonly meter: Meter; readonly line: Line }[]> {
  const serials = await presentSerials(self, store);
  return self.meters.map(({ serial, role }, place) => {
    const known = serials?.[place];
    const isPlaced = (meter: Meter) => meter.role === role && known?.includes(meter.serial) !== false;
    for (const { config, line } of lines) {
      const meter = config.meters.find(isPlaced);
      if (meter !== undefined) return { meter, line };
    }
    throw new ServiceError("METER_NOT_CONFIGURED", { serial, role });
  });
}

/** Null where the ledger cannot be read: it is about to be set aside and fetched again, and a role has one meter only. */
async function presentSerials(
  self: RosterMember,
  store: Pick<LedgerStore, "head">,
): Promise<readonly (readonly string[])[] | null> {
  const head = await store.head().catch(() => undefined);
  const read = head === undefined || head === null ? null : readState(head.state);
  if (head === undefined || read?.kind === "reject" || read?.kind === "ignore") return null;
  const swapped = read?.value.roster.meters ?? [];
  return self.meters.map(({ serial }, place) => {
    const own = swapped.find(({ member, meter }) => member === self.id && meter === place);
    return own === undefined ? [serial] : [serial, own.serial];
  });
}
