/** Everything of a data directory, opened in the order of the composition root, which nobody may import. */
import { join } from "node:path";
import { openOutbox } from "../../agent/adapters/journal/fileOutbox.ts";
import { openVoteJournal } from "../../agent/adapters/journal/fileVoteJournal.ts";
import { dataDisk } from "../../agent/adapters/store/dataDisk.ts";
import { openStore } from "../../agent/adapters/store/levelStore.ts";
import { ledgersSetAside } from "../../agent/adapters/store/quarantine.ts";
import type { AgentModules } from "../../agent/services/agentModules.ts";
import { memoryFrames } from "./memoryFrames.ts";

/** What an agent keeps on disk. */
export type GatewayDisk = Pick<
  AgentModules,
  "store" | "voteJournal" | "outbox" | "transactionOutbox" | "ledgersSetAside" | "disk" | "frames"
>;

/** As in the composition root. */
const TRANSACTION_OUTBOX = { capacityBytes: 262_144, maxPending: 64 };

/**
 * @param directory of the gateway
 * @param closers takes what must be closed, in the order opened, also when opening fails
 * @returns what was opened
 * @throws whatever the product throws
 */
export async function openGatewayDisk(
  directory: string,
  closers: (() => Promise<void>)[],
): Promise<GatewayDisk> {
  const ledger = join(directory, "ledger");
  const store = await openStore(ledger);
  closers.push(() => store.close());
  const voteJournal = await openVoteJournal(join(directory, "votes.journal"));
  closers.push(() => voteJournal.close());
  const outbox = await openOutbox(join(directory, "outbox.journal"));
  closers.push(() => outbox.close());
  const transactionOutbox = await openOutbox(join(directory, "transactions.journal"), TRANSACTION_OUTBOX);
  closers.push(() => transactionOutbox.close());
  const { length } = await ledgersSetAside(ledger);
  const disk = dataDisk(directory);
  return {
    store,
    voteJournal,
    outbox,
    transactionOutbox,
    ledgersSetAside: length,
    disk,
    frames: memoryFrames(),
  };
}
