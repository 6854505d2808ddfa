/** Lies of a member about its own readings, and about those of others. */
import type { Coverage } from "../../agent/core/metering/coverage.ts";
import { type Reading, readingSignBytes, type SignedReading } from "../../agent/core/metering/reading.ts";
import { encodeReadingMessage } from "../../agent/core/wire.ts";
import { middleOfGraceMs } from "../../agent/services/agreement/blockJudge.ts";
import { falseLate, falseReadings, falseSpans, inventedReading, overlappingSpan } from "./falseStatements.ts";
import type { Gateway } from "./gateway.ts";
import { type LiarModules, type Outgoing, TO_ALL } from "./outgoing.ts";

/** Before the middle of the grace. */
const LAST_MOMENT_MS = 3;

/** Lies of one member. */
export class ReadingLies {
  readonly #modules: LiarModules;

  constructor(modules: LiarModules) {
    this.#modules = modules;
  }

  /** @param gateway that lies @param signed as its code states it @param honest the same as it would leave @returns what leaves instead */
  told(gateway: Gateway, signed: SignedReading, honest: Outgoing): readonly Outgoing[] {
    const { content } = signed.reading;
    if (this.#modules.lies.includes("overlapping-span"))
      return this.#overlapping(gateway, signed.reading, honest);
    if (content.kind === "measured" && gateway.isUp && this.#modules.tells("forged-reading"))
      return [this.#forgedReading(gateway, signed.reading), honest];
    if (this.#modules.tells("last-moment")) return this.#atLastMoment(gateway, honest);
    if (content.kind === "spanning" && this.#modules.tells("false-late"))
      return [this.#stated(gateway, this.#modules.draw.one(falseSpans({ ...signed.reading, content })))];
    if (content.kind !== "measured") return [honest];
    if (this.#modules.tells("false-reading")) {
      const own = this.#modules.street.members.indexOf(gateway.options.member);
      const other = this.#modules.street.members[(own + 1) % this.#modules.street.members.length]!.id;
      return [
        this.#stated(gateway, this.#modules.draw.one(falseReadings({ ...signed.reading, content }, other))),
      ];
    }
    const coverage = this.#coverageOf(gateway);
    if (coverage !== undefined && this.#modules.tells("false-late"))
      return [
        honest,
        this.#stated(gateway, this.#modules.draw.one(falseLate({ ...signed.reading, content }, coverage))),
      ];
    if (!this.#modules.tells("contradict-reading")) return [honest];
    const other = this.#stated(gateway, {
      ...signed.reading,
      content: { kind: "missing", reason: "meter-error" },
    });
    const parity = this.#modules.draw.integer(0, 1);
    return [
      { ...honest, to: (place) => place % 2 === parity },
      { ...other, to: (place) => place % 2 !== parity },
    ];
  }

  /** Keeps a reading to itself, so that a gap opens between two settled ones, and then spans it and more. */
  #overlapping(gateway: Gateway, reading: Reading, honest: Outgoing): readonly Outgoing[] {
    const coverage = this.#coverageOf(gateway);
    if (coverage === undefined) return [honest];
    const span = overlappingSpan(coverage);
    if (span !== null) return [honest, this.#stated(gateway, { ...reading, ...span })];
    return coverage.gaps.length === 0 && coverage.edge !== null ? [] : [honest];
  }

  /** A reading in another one's name, under the liar's own key. */
  #forgedReading(gateway: Gateway, reading: Reading): Outgoing {
    const { members } = this.#modules.street;
    const { context } = gateway;
    const others = members.filter((member) => member !== gateway.options.member);
    const { state } = gateway.life.ledger;
    return this.#stated(
      gateway,
      inventedReading(context, state, { ...reading, member: this.#modules.draw.one(others).id }),
    );
  }

  #coverageOf(gateway: Gateway): Coverage | undefined {
    const { id } = gateway.options.member;
    return gateway.isUp ? gateway.life.ledger.state.members.get(id)?.coverage : undefined;
  }

  #stated(gateway: Gateway, reading: Reading): Outgoing {
    const { chainId, epoch } = gateway.context.roster;
    const signature = gateway.options.member.sign(readingSignBytes(reading, chainId, epoch));
    const signed = { reading, signature };
    return { said: { channel: "readings", signed }, wire: encodeReadingMessage(signed, chainId), to: TO_ALL };
  }

  /** To all but the DSO, and there just before the middle of the grace. */
  #atLastMoment(gateway: Gateway, honest: Outgoing): readonly Outgoing[] {
    const { config } = gateway.life.consensus.instance;
    const dso = this.#modules.street.members.findIndex(({ id }) => id === config.candidates[0]);
    const { context } = this.#modules.street;
    const middleMs = middleOfGraceMs(context, gateway.life.ledger.state.nextInterval);
    const arrivesInMs = Math.max(0, middleMs - LAST_MOMENT_MS - gateway.nowMs());
    return [{ ...honest, to: (place) => place !== dso, arrivesInMs }];
  }
}
