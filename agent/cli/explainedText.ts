/** A line of a statement, explained to people: from the trade down to the frames. */
import { coinsText } from "./coinsText.ts";
import { frameText } from "./ledgerFrames.ts";
import type { FramesVerdict, MeterProof, ReadingProof } from "./readingProof.ts";
import type { StatementLineView } from "./statementView.ts";

/** A line, explained. */
export type ExplainedLine = {
  readonly schema: "edso.explain/1";
  readonly reference: string;
  readonly block: {
    readonly height: number;
    readonly blockHash: string;
    readonly dso: string;
    readonly term: number;
    /** False when the header commits to another body: then nothing below counts. */
    readonly isBound: boolean;
  };
  /** The same fact as each household's statement has it: of a trade the seller's and the buyer's. */
  readonly lines: readonly (Omit<StatementLineView, "balanceMicroCoins"> & { readonly member: string })[];
  readonly readings: readonly ReadingProof[];
};

const FRAMES: Readonly<Record<FramesVerdict, string>> = {
  equal: "kept here, and their SHA-256 is what the reading signs",
  differ: "NOT those that were signed: somebody has changed the files",
  "not-kept": "not kept any more",
  "kept-by-its-gateway": "kept by its own gateway only: ask there for the same reference",
  none: "none: this reading rests on the registers of those around it",
};

/** @param explained a line @returns text */
export function explainedText({ reference, block, lines, readings }: ExplainedLine): string {
  return [
    `${reference}`,
    `  block    ${block.height}, proposed by ${block.dso} in term ${block.term}, hash ${block.blockHash}`,
    `           ${block.isBound ? "its hash commits to what follows; `edso ledger verify` checks the votes" : "its hash does NOT commit to what follows"}`,
    ...lines.flatMap(lineText),
    ...readings.flatMap(readingText),
    "",
  ].join("\n");
}

function lineText(line: ExplainedLine["lines"][number]): readonly string[] {
  const energy = [
    ...(line.receivedWh === 0 ? [] : [`received ${line.receivedWh} Wh`]),
    ...(line.givenWh === 0 ? [] : [`gave ${line.givenWh} Wh`]),
  ].join(", ");
  const fuels = line.fuels.map(({ fuel, wh }) => `${fuel} ${wh} Wh`).join(", ");
  const price =
    line.priceMicroCoinsPerKwh === null
      ? "no price in force"
      : `${coinsText(line.priceMicroCoinsPerKwh)} coins/kWh`;
  const parts = [
    `amount ${coinsText(line.amountMicroCoins)}`,
    ...(line.feeMicroCoins === "0" ? [] : [`fee ${coinsText(line.feeMicroCoins)}`]),
    ...(line.carbonMicroCoins === "0" ? [] : [`carbon ${coinsText(line.carbonMicroCoins)}`]),
  ].join(", ");
  return [
    `  ${line.member}: ${line.kind}${line.counterparty === null ? "" : `, ${line.counterparty}`}; interval ${line.interval} from ${line.start}`,
    `           ${[energy, fuels, line.kind === "issued" ? "" : price].filter((part) => part !== "").join("; ")}`,
    `           account ${coinsText(line.changeMicroCoins)} coins: ${parts}`,
  ];
}

function readingText(reading: ReadingProof): readonly string[] {
  const { member, sequence, boot, time, kind, framesHash, frames } = reading;
  const energy =
    reading.positionWh === null
      ? kind
      : `E_G ${reading.generatedWh} Wh − E_C ${reading.consumedWh} Wh = ${reading.positionWh} Wh`;
  return [
    `  reading of ${member}: ${energy}`,
    `           sequence ${sequence}, boot ${boot}, clock ${time}, signature ${reading.isSignatureValid ? "valid" : "NOT valid"}`,
    ...reading.meters.map(meterText),
    `           frames ${FRAMES[frames.verdict]}`,
    ...(framesHash === null ? [] : [`           SHA-256 ${framesHash}`]),
    ...frames.kept.flatMap(frameText).map((text) => `         ${text}`),
  ];
}

function meterText({ serial, role, fuel, startWh, endWh }: MeterProof): string {
  const what = fuel === null ? role : `${role}, ${fuel}`;
  return `           meter ${serial} (${what}): ${startWh.join(" / ")} → ${endWh.join(" / ")} Wh`;
}
