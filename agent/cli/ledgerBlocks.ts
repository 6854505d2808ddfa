/** Blocks of a source, read and named, in order of height. */
import { readBlock } from "../core/ledger/block.ts";
import type { Roster } from "../core/membership/roster.ts";
import { type Height, height } from "../core/units.ts";
import type { StoredBlock } from "../ports/ledgerStore.ts";
import { type BlockView, blockView } from "./blockView.ts";
import { CliError } from "./cliError.ts";
import type { LedgerSource } from "./ledgerSource.ts";

/** A block as stored and as people see it. */
export type NamedBlock = { readonly stored: StoredBlock; readonly view: BlockView };

/**
 * @param source of the blocks
 * @param roster names their members
 * @param from first height
 * @param to last height
 * @returns the blocks; nothing is verified
 * @throws CliError `LEDGER_NO_BLOCK`, `LEDGER_DAMAGED`
 */
export async function* namedBlocks(
  source: LedgerSource,
  roster: Roster,
  from: number,
  to: number,
): AsyncGenerator<NamedBlock, void> {
  for (let at = from; at <= to; at++) yield await namedBlock(source, roster, height(at));
}

async function namedBlock(source: LedgerSource, roster: Roster, at: Height): Promise<NamedBlock> {
  const stored = await source.block(at);
  if (stored === null) throw new CliError("LEDGER_NO_BLOCK", { height: at });
  const block = readBlock(stored.block);
  if (block.kind !== "accept") {
    throw new CliError("LEDGER_DAMAGED", {
      height: at,
      reason: block.code,
      why: `height ${at}: ${block.code}`,
    });
  }
  return { stored, view: blockView(stored, block.value, roster) };
}
