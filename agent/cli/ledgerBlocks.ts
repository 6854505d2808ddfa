/** Blocks of a source, read, and named for people, in order of height. */
import { type Block, readBlock } from "../core/ledger/blocks/block.ts";
import { openStreetBook, type StreetBook, withBlock } from "../core/ledger/reports/streetBook.ts";
import type { LedgerContext } from "../core/ledger/state/context.ts";
import type { Roster } from "../core/membership/roster.ts";
import { height } from "../core/units.ts";
import type { StoredBlock } from "../ports/ledgerStore.ts";
import { type BlockView, blockView } from "./blockView.ts";
import { CliError } from "./cliError.ts";
import type { LedgerSource } from "./ledgerSource.ts";
import { firstState } from "./ledgerVerify.ts";

/** A block as stored and as read. */
export type ReadBlock = { readonly stored: StoredBlock; readonly block: Block };
/** A block as stored and as people see it. */
export type NamedBlock = { readonly stored: StoredBlock; readonly view: BlockView };

/**
 * @param source of the blocks
 * @param from first height
 * @param to last height
 * @returns the blocks; nothing is verified
 * @throws CliError `LEDGER_NO_BLOCK`, `LEDGER_DAMAGED`
 */
export async function* readBlocks(
  source: LedgerSource,
  from: number,
  to: number,
): AsyncGenerator<ReadBlock, void> {
  for (let at = from; at <= to; at++) {
    const stored = await source.block(height(at));
    if (stored === null) throw new CliError("LEDGER_NO_BLOCK", { height: at });
    const read = readBlock(stored.block);
    if (read.kind !== "accept")
      throw new CliError("LEDGER_DAMAGED", {
        height: at,
        reason: read.code,
        why: `height ${at}: ${read.code}`,
      });
    yield { stored, block: read.value };
  }
}

/**
 * @param source of the blocks; read, not verified
 * @param context of the genesis
 * @param to last height; the newest when it is left out
 * @returns each block from the first at hand on, and who is who and which policies there are after it
 * @throws CliError as {@link readBlocks}, `LEDGER_BEGINS_LATER`
 */
export async function* bookedBlocks(
  source: LedgerSource,
  context: LedgerContext,
  to?: number,
): AsyncGenerator<ReadBlock & { readonly book: StreetBook }, void> {
  const head = await source.head();
  const begin = await firstState(head, source, context);
  let book = openStreetBook(context.genesis, begin);
  for await (const found of readBlocks(source, begin.height + 1, to ?? head?.height ?? 0)) {
    book = withBlock(book, found.block);
    yield { ...found, book };
  }
}

/**
 * @param source of the blocks
 * @param interval wanted
 * @returns height of the block that settled it: each settles what follows on the one before
 * @throws CliError `LEDGER_NO_INTERVAL`, `LEDGER_DAMAGED`
 */
export async function heightOfInterval(source: LedgerSource, interval: number): Promise<number> {
  const head = await source.head();
  let [low, high] = [(head?.base ?? 0) + 1, head?.height ?? 0];
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    for await (const { block } of readBlocks(source, middle, middle)) {
      if (block.header.from <= interval && interval <= block.header.to) return middle;
      if (interval < block.header.from) high = middle - 1;
      else low = middle + 1;
    }
  }
  throw new CliError("LEDGER_NO_INTERVAL", { interval, newestHeight: head?.height ?? 0 });
}

/** As {@link readBlocks}. @param roster names their members */
export async function* namedBlocks(
  source: LedgerSource,
  roster: Roster,
  from: number,
  to: number,
): AsyncGenerator<NamedBlock, void> {
  for await (const { stored, block } of readBlocks(source, from, to))
    yield { stored, view: blockView(stored, block, roster) };
}
