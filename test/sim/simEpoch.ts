/**
 * A simulated gateway's epoch, entered by the product's service on the simulated journal. The service does all of its
 * work before it first waits, so that nothing here waits on its promise.
 */

import { reportSignBytes, type SignedReport } from "../../agent/core/ledger/chain/recoveryReport.ts";
import { newestEpoch } from "../../agent/core/ledger/state/context.ts";
import type { Epoch } from "../../agent/core/membership/epoch.ts";
import type { LedgerService } from "../../agent/services/ledger/ledger.ts";
import {
  type EntryJournal,
  enterEpoch,
  refuseEntry,
  renunciation,
} from "../../agent/services/voting/epochEntry.ts";
import { reportOf } from "../../agent/services/voting/renounce.ts";
import type { Draw } from "./draw.ts";
import type { Gateway } from "./gateway.ts";
import type { GatewayDisk } from "./gatewayDisk.ts";
import { SimLedger } from "./simLedger.ts";

/** @param disk of a gateway @param epoch newest of its genesis file @returns whether it is in that epoch now */
export function entersEpoch(disk: GatewayDisk, epoch: Epoch): boolean {
  const journal: EntryJournal = {
    damage: null,
    starts: disk.journal.starts,
    epoch: () => disk.journal.epoch,
    renounced: () => renounced(disk),
    enter: async (entered, forgiven) => disk.enter(entered, forgiven),
  };
  if (isRefused(disk, epoch)) return false;
  enterEpoch(journal, disk.outboxStarts, epoch).catch(() => undefined);
  return disk.journal.epoch?.number === epoch.number;
}

/** @param disk of a gateway @returns whether it may vote: no vote is forgotten, and its epoch not given up */
export function mayVote(disk: GatewayDisk): boolean {
  return disk.journal.abstention === null && renunciation({ renounced: () => renounced(disk) }) === null;
}

/**
 * Gives up the epoch, durably, and reports. The power may fail in between: then the journal may have it or not.
 *
 * @param gateway that is down
 * @param draw of what a power cut leaves
 * @param isCutBetween whether the power fails before there is a report
 * @returns its report; null when the power failed
 */
export function renounceEpoch(gateway: Gateway, draw: Draw, isCutBetween: boolean): SignedReport | null {
  const { disk, context, options } = gateway;
  const { member } = options;
  disk.open();
  const ledger = new SimLedger(context, disk.blocks);
  ledger.open();
  entersEpoch(disk, newestEpoch(context));
  if (!disk.journal.isRenounced) disk.renounce();
  if (isCutBetween) {
    disk.cutPower("cache-only", draw);
    return null;
  }
  disk.standing.sync();
  const report = reportOf({
    self: member.id,
    context,
    ledger: ledger as unknown as LedgerService,
    votes: disk.ownVotes,
    isSound: disk.journal.abstention === null,
  });
  return { report, signature: member.sign(reportSignBytes(report)) };
}

function isRefused(disk: GatewayDisk, epoch: Epoch): boolean {
  try {
    refuseEntry(disk.journal.epoch, epoch);
    return false;
  } catch {
    return true;
  }
}

function renounced({ journal: { epoch, isRenounced } }: GatewayDisk): number | null {
  return isRenounced ? (epoch?.number ?? null) : null;
}
