/** How far behind this gateway is, since when, and whose blocks bring it on: for its status and its log. */
import type { Height, UnixMs } from "../../core/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { LedgerService } from "../ledger/ledger.ts";
import type { SyncPeers } from "./syncPeers.ts";

/** How far this gateway is, as its status shows it. */
export type SyncProgress = {
  /** Heights that others claim to be further on: a hint until their blocks are here. */
  readonly behindBy: number;
  /** Who blocks come from at present; null when none are fetched. */
  readonly source: string | null;
  /** When it fell behind, or caught up. */
  readonly sinceMs: UnixMs;
};

/** Where this gateway stood when an answer came. */
export type Standing = { readonly height: Height; readonly behindBy: number; readonly atMs: number };

/** What is told of a catch-up. */
export type CatchUpReport = {
  readonly progress: () => SyncProgress;
  readonly standing: () => Standing;
  /** Blocks of that gateway were taken; `before` is where this one stood. */
  readonly noteBlocks: (source: string, blocks: number, before: Standing) => void;
  /** Heads or claims have changed. */
  readonly refresh: () => void;
};

/** @param modules of the sync service @param peers what others claim @returns a report of nothing yet */
export function catchUpReport(
  {
    clock,
    ledger,
    logger,
  }: { readonly clock: Clock; readonly ledger: LedgerService; readonly logger: Logger },
  peers: SyncPeers,
): CatchUpReport {
  let sinceMs = clock.nowMs();
  let isBehind = false;
  let catchUp: { blocks: number; source: string; readonly fromMs: number } | null = null;
  const behindBy = () => peers.aheadBy(ledger.state.height);
  return {
    progress: () => ({ behindBy: behindBy(), source: catchUp?.source ?? null, sinceMs }),
    standing: () => ({ height: ledger.state.height, behindBy: behindBy(), atMs: clock.monotonicMs() }),
    noteBlocks: (source, blocks, before) => {
      if (blocks === 0) return;
      if (catchUp === null) {
        logger.info("sync.catching-up", { height: before.height, behindBy: before.behindBy, source });
        catchUp = { blocks: 0, source, fromMs: before.atMs };
      }
      catchUp.blocks += blocks;
      catchUp.source = source;
    },
    refresh: () => {
      const wasBehind = isBehind;
      isBehind = behindBy() > 0;
      if (isBehind !== wasBehind) sinceMs = clock.nowMs();
      if (isBehind || catchUp === null) return;
      const { blocks, source, fromMs } = catchUp;
      catchUp = null;
      const durationMs = Math.round(clock.monotonicMs() - fromMs);
      logger.info("sync.caught-up", { height: ledger.state.height, blocks, source, durationMs });
    },
  };
}
