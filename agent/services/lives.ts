/**
 * One process, several lives: a gateway whose ledger turns out damaged sets it aside and begins again with an empty one,
 * its journals as they are; one whose disk refused a write begins again when the disk looks sound. Nothing is repaired,
 * everything is opened and judged anew.
 *
 * @source docs/protocol.md, "A ledger that is not trusted"
 */
import { isAgentError } from "../core/errors.ts";
import type { Logger } from "../ports/logger.ts";

/** What one life is begun with. */
export type LifeStart = {
  /** Lives of this process that ended in a failed write. */
  readonly failedLives: number;
  /** Ends this life, and the agent with it unless the failure is a damaged ledger's. */
  readonly onFault: (error: unknown) => void;
  /** Ends this life for another one. */
  readonly onRenew: () => void;
};

/** What lives are made of. */
export type LivesModules = {
  /** Opens and starts everything. @returns how to stop and close it all @throws what kept it from starting; all closed */
  readonly begin: (start: LifeStart) => Promise<() => Promise<void>>;
  /** Renames the damaged ledger, which is closed. @returns where it is now; null when there was none */
  readonly setAside: () => Promise<string | null>;
  readonly logger: Pick<Logger, "info" | "error">;
};

/** A sequence of lives. */
export type RunningLives = {
  /** Settles when the last one has ended; rejects with the failure that ended it. */
  readonly done: Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Codes of a ledger that is not what was committed, whoever finds it. */
const DAMAGE: readonly string[] = ["STORE_DAMAGED", "LEDGER_DAMAGED"];
/** Ledgers one process sets aside: more says that the disk, or edso, damages each new one. */
const MAX_SET_ASIDE = 3;

/** How a life ended. */
type End =
  | { readonly kind: "stop" }
  | { readonly kind: "renew" }
  | { readonly kind: "fault"; readonly error: unknown };
/** A life that runs. */
type Life = { readonly close: () => Promise<void>; readonly ended: Promise<End> };
type Counts = { setAside: number; failed: number };

/** @param error any failure @returns true when the ledger is damaged, which a new one mends */
export function isLedgerDamage(error: unknown): boolean {
  return isAgentError(error) && DAMAGE.includes(error.code);
}

/**
 * Begins the first life, and others after it.
 *
 * @param modules how a life begins
 * @returns the running lives, once the first has begun
 * @throws what kept the first one from starting
 */
export async function startLives(modules: LivesModules): Promise<RunningLives> {
  const counts: Counts = { setAside: 0, failed: 0 };
  let stopLife: () => void = () => {};
  let isStopped = false;
  const next = async () => {
    let end: (how: End) => void = () => {};
    const ended = new Promise<End>((resolve) => {
      end = resolve;
    });
    stopLife = () => end({ kind: "stop" });
    const close = await beginSound(modules, counts, end);
    if (isStopped) stopLife();
    return { close, ended };
  };
  const run = async (first: Life) => {
    for (let life = first; ; life = await next()) {
      const end = await life.ended;
      await life.close();
      if (end.kind === "fault") await mend(modules, counts, end.error);
      if (end.kind === "renew") {
        counts.failed += 1;
        modules.logger.info("agent.renewed", { failedLives: counts.failed });
      }
      if (end.kind === "stop" || isStopped) return;
    }
  };
  const done = run(await next());
  return {
    done,
    stop: async () => {
      isStopped = true;
      stopLife();
      await done.catch(() => {});
    },
  };
}

/** Begins a life; sets damaged ledgers aside until one begins. */
async function beginSound(
  modules: LivesModules,
  counts: Counts,
  end: (how: End) => void,
): Promise<Life["close"]> {
  const start: LifeStart = {
    failedLives: counts.failed,
    onFault: (error) => end({ kind: "fault", error }),
    onRenew: () => end({ kind: "renew" }),
  };
  for (;;) {
    try {
      return await modules.begin(start);
    } catch (error) {
      await mend(modules, counts, error);
    }
  }
}

/** @throws the error when it is none of a damaged ledger's, or one too many */
async function mend({ setAside, logger }: LivesModules, counts: Counts, error: unknown): Promise<void> {
  if (!isLedgerDamage(error) || counts.setAside >= MAX_SET_ASIDE) throw error;
  const path = await setAside();
  if (path === null) throw error;
  counts.setAside += 1;
  logger.error("ledger.set-aside", error, { path });
}
