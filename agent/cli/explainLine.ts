/** `edso explain`: from one line of a statement back to the raw Modbus frames that it rests on. */
import { Command } from "commander";
import { type Block, isBound } from "../core/ledger/blocks/block.ts";
import { formatLineRef, type LineRef, parseLineRef } from "../core/ledger/reports/lineRef.ts";
import { statementLines } from "../core/ledger/reports/statementLine.ts";
import { type StreetBook, supplierFuelIn } from "../core/ledger/reports/streetBook.ts";
import type { SettledInterval } from "../core/ledger/settlement/settledInterval.ts";
import type { LedgerContext } from "../core/ledger/state/context.ts";
import type { MemberId } from "../core/membership/address.ts";
import type { SignedReading } from "../core/metering/reading.ts";
import { CliError, usageError } from "./cliError.ts";
import type { CliDependencies } from "./dependencies.ts";
import { type ExplainedLine, explainedText } from "./explainedText.ts";
import { newestHeight, withLedger } from "./ledger.ts";
import { bookedBlocks, type ReadBlock } from "./ledgerBlocks.ts";
import type { LedgerSource } from "./ledgerSource.ts";
import { configOf, type PlaceFlags, withPlace } from "./place.ts";
import { type ReadingProof, readingProof } from "./readingProof.ts";
import { statementLineView } from "./statementView.ts";

type Flags = PlaceFlags & { readonly json?: boolean };

/** What a reference stands for. */
type Fact = { readonly members: readonly MemberId[]; readonly readings: readonly SignedReading[] };

/** @param dependencies of the composition root @returns the command */
export function explainCommand(dependencies: CliDependencies): Command {
  return withPlace(new Command("explain"))
    .argument("<reference>", "of a line, as `edso statement` prints it")
    .description(
      "walk from a line of a statement to the trade, the positions, the signed readings and the raw frames",
    )
    .option("--json", "print it as JSON")
    .action((reference: string, flags: Flags) => explainLine(reference, flags, dependencies));
}

async function explainLine(text: string, flags: Flags, dependencies: CliDependencies): Promise<void> {
  const ref = parseLineRef(text);
  if (ref === null)
    throw usageError(
      `${text} is no reference of a line`,
      "take one from `edso statement`, such as 12-359083579-t0",
    );
  const { name: self } = configOf(flags, dependencies);
  await withLedger(flags, "agent-first", dependencies, async (source, context) => {
    const { found, book } = await blockAt(source, context, ref);
    const fact = factOf(found.block, ref);
    if (fact === null) throw new CliError("LINE_UNKNOWN", { reference: text, height: ref.height });
    const proofs = fact.readings.map((signed) =>
      readingProof({ source, verify: dependencies.verify, book, self }, found.block.header, signed),
    );
    const explained = explainedLine(ref, found, book, fact, await Promise.all(proofs), context);
    dependencies.terminal.out(
      flags.json === true ? `${JSON.stringify(explained)}\n` : explainedText(explained),
    );
    refuseFalse(explained);
  });
}

async function blockAt(
  source: LedgerSource,
  context: LedgerContext,
  { height: wanted }: LineRef,
): Promise<{ readonly found: ReadBlock; readonly book: StreetBook }> {
  const newest = await newestHeight(source);
  if (wanted <= newest)
    for await (const { book, ...found } of bookedBlocks(source, context, wanted))
      if (found.block.header.height === wanted) return { found, book };
  throw new CliError("LEDGER_NO_BLOCK", { height: wanted, newestHeight: newest });
}

function factOf({ body }: Block, { section, interval, place }: LineRef): Fact | null {
  if (section === "c") {
    const entry = body.late[place];
    if (entry === undefined || entry.signed.reading.interval !== interval) return null;
    return { members: [entry.correction.member], readings: [entry.signed] };
  }
  if (section === "x") {
    const settled = body.transactions[place];
    const content = settled?.signed.transaction.content;
    const isIssued = settled?.refusal === null && content?.kind === "issue";
    return isIssued ? { members: [content.to], readings: [] } : null;
  }
  const settled = body.intervals.find((candidate) => candidate.interval === interval);
  if (settled === undefined) return null;
  const members = section === "t" ? partiesOf(settled, place) : residualOf(settled, place);
  if (members.length === 0) return null;
  return { members, readings: settled.readings.filter(({ reading }) => members.includes(reading.member)) };
}

function partiesOf({ outcome }: SettledInterval, place: number): readonly MemberId[] {
  const trade = outcome.trades[place];
  return trade === undefined ? [] : [trade.from, trade.to];
}

function residualOf({ outcome }: SettledInterval, place: number): readonly MemberId[] {
  const residual = outcome.residuals[place];
  return residual === undefined ? [] : [residual.member];
}

function explainedLine(
  ref: LineRef,
  { stored, block }: ReadBlock,
  book: StreetBook,
  { members }: Fact,
  readings: readonly ReadingProof[],
  { genesis }: LedgerContext,
): ExplainedLine {
  const nameOf = (member: MemberId) => book.households.get(member)?.name ?? member;
  const reference = formatLineRef(ref);
  const lines = members.flatMap((member) =>
    statementLines(block, new Set([member]), supplierFuelIn(book))
      .filter((line) => formatLineRef(line.ref) === reference)
      .map((line) => ({ member: nameOf(member), ...statementLineView(line, book, genesis.intervalMs) })),
  );
  const { height, dso, term } = block.header;
  return {
    schema: "edso.explain/1",
    reference,
    block: { height, blockHash: stored.blockHash, dso: nameOf(dso), term, isBound: isBound(block) },
    lines,
    readings,
  };
}

/** Printed all the same: whoever looks for a fault wants to see it. */
function refuseFalse({ block, readings }: ExplainedLine): void {
  const { height } = block;
  if (!block.isBound)
    throw new CliError("LEDGER_DAMAGED", {
      height,
      reason: "BODY_OTHER",
      why: `height ${height}: BODY_OTHER`,
    });
  const forged = readings.find(({ isSignatureValid }) => !isSignatureValid);
  if (forged !== undefined) {
    const why = `height ${height}: the reading of ${forged.member} has no right signature`;
    throw new CliError("LEDGER_DAMAGED", { height, reason: "BAD_SIGNATURE", why });
  }
  const changed = readings.find(({ frames }) => frames.verdict === "differ");
  if (changed !== undefined) throw new CliError("FRAMES_DIFFER", { interval: changed.interval, height });
}
