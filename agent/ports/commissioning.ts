/** What an installer asks of a line: a loan of it, a scan, a test, a look at the wire. */

/** How the characters of a line are framed. */
export type CharacterSettings = {
  readonly baudRate: number;
  readonly parity: "none" | "even" | "odd";
  readonly stopBits: 1 | 2;
};

/** A line that may be opened under any setting. */
export type BareLine = {
  /** Serial device, `tcp://…` or `rtu+tcp://…`. */
  readonly port: string;
  readonly rs485: "adapter" | "kernel-rts-high" | "kernel-rts-low";
};

/** Bytes that passed over a line, and when. */
export type WireBytes = {
  readonly direction: "sent" | "received";
  readonly bytes: Uint8Array;
  /** Milliseconds since the line was opened. */
  readonly atMs: number;
};

/** Bytes that belong together, with what they say in words; null where that cannot be told. */
export type WireFrame = WireBytes & { readonly says: string | null };

/** What came of one request. */
export type WireOutcome =
  | "answered"
  /** An exception: somebody is there, and has no such register. */
  | "refused"
  | "silent"
  /** Bytes came, no valid frame among them. */
  | "garbled"
  | "other-unit"
  /** Nothing came but the request itself. */
  | "echo-only";

/** One request, and everything that was seen on the wire until it ended. */
export type WireTry = {
  readonly settings: CharacterSettings;
  readonly unitId: number;
  readonly outcome: WireOutcome;
  readonly wire: readonly WireBytes[];
  readonly durationMs: number;
  /** Unit that answered instead, or null. */
  readonly foreignUnitId: number | null;
  /** Exception code of a refusal, or null. */
  readonly exceptionCode: number | null;
  /** True when the request came back as well. */
  readonly hasEcho: boolean;
};

/** What a scan looks for. */
export type ScanOptions = BareLine & {
  readonly settings: readonly CharacterSettings[];
  readonly unitIds: readonly number[];
  /** Longest wait for one answer. */
  readonly answerTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ScanProgress) => void;
  readonly onFound: (found: FoundDevice) => void;
};

/** How far a scan is. */
export type ScanProgress = {
  readonly settings: CharacterSettings;
  readonly unitId: number;
  readonly asked: number;
  readonly toAsk: number;
  /** Milliseconds since the scan began. */
  readonly elapsedMs: number;
};

/** A device that answered. */
export type FoundDevice = {
  readonly settings: CharacterSettings;
  readonly unitId: number;
  /** Definitions that fit it, the likeliest first; empty when none does. */
  readonly definitions: readonly string[];
  /** As it names itself, or null. */
  readonly model: string | null;
  readonly meterSerial: string | null;
  /** How it was told: by a code or a chain it has, or only by plausible values. */
  readonly by: "model-register" | "sunspec" | "values" | null;
};

/** A place on the line where bytes came that were no frame. */
export type GarbledPlace = { readonly settings: CharacterSettings; readonly unitId: number };

/** What a scan came to. */
export type ScanReport = {
  readonly devices: readonly FoundDevice[];
  readonly garbled: readonly GarbledPlace[];
  readonly asked: number;
  readonly toAsk: number;
  readonly hasEcho: boolean;
  readonly elapsedMs: number;
};

/** What a test of one meter is told. */
export type LineTestOptions = BareLine & {
  readonly settings: CharacterSettings;
  readonly unitId: number;
  /** Definition whose registers are asked for, or null: then any register will do. */
  readonly definition: string | null;
  readonly answerTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly onStep: (step: string) => void;
};

/** What a test found. */
export type LineVerdict =
  | { readonly kind: "works" }
  /** Some requests were answered, some not. */
  | { readonly kind: "works-sometimes" }
  | { readonly kind: "other-unit"; readonly unitIds: readonly number[] }
  | { readonly kind: "other-settings"; readonly settings: CharacterSettings }
  | { readonly kind: "garbled" }
  | { readonly kind: "echo-only" }
  | { readonly kind: "silent" };

/** A test of one meter, with what was seen on the wire. */
export type LineTestReport = {
  readonly verdict: LineVerdict;
  /** The requests to the meter itself, as asked for. */
  readonly tries: readonly WireTry[];
  /** What came while nothing was sent. */
  readonly unasked: readonly WireBytes[];
  readonly hasEcho: boolean;
};

/** A line that was lent. */
export type LineLoan = {
  /** As configured. */
  readonly port: string;
  /** Takes the line back; a second call does nothing. */
  takeBack(): Promise<void>;
};

/** Who has the lines. */
export interface LineLender {
  /**
   * Closes a line, so that another process may open it.
   *
   * @param port any name of its device, or its address
   * @returns the loan; null when no line of this agent is there
   * @throws DriverError `DRIVER_PORT_LENT` when another has it already
   */
  lend(port: string): Promise<LineLoan | null>;
}
