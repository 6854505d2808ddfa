/** What a command writes to and is interrupted by: the process's streams and signals, or a test's. */

/** Signals that stop the agent. */
export type StopSignal = "SIGINT" | "SIGTERM";

/** Data goes to stdout, messages to stderr. */
export interface Terminal {
  /** Whether stdout is a terminal. */
  readonly isTerminal: boolean;
  /** Whether escape codes are wanted on stdout. */
  readonly hasColour: boolean;
  out(text: string): void;
  error(text: string): void;
  /** For output of any length: returns when there is room for more. */
  write(chunk: string | Uint8Array): Promise<void>;
  /** @returns stops listening */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  exitNow(code: number): void;
}

/** Select Graphic Rendition codes. @source ECMA-48 §8.3.117 */
const SGR = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
const SIGNALS: readonly StopSignal[] = ["SIGINT", "SIGTERM"];

/** @param env of the process @returns its own streams and signals */
export function processTerminal(env: Readonly<Record<string, string | undefined>>): Terminal {
  const { stdout, stderr } = process;
  // A reader that went away, such as `head`, wants no more: that is no failure.
  stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 74));
  const isTerminal = stdout.isTTY === true;
  return {
    isTerminal,
    hasColour: isTerminal && (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb",
    out: (text) => void stdout.write(text),
    error: (text) => void stderr.write(text),
    write: (chunk) => new Promise((resolve) => stdout.write(chunk, () => resolve())),
    onSignal: (listener) => {
      for (const signal of SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of SIGNALS) process.off(signal, listener);
      };
    },
    exitNow: (code) => process.exit(code),
  };
}

/** @param text any text @param style one of ours @param hasColour whether escape codes are wanted @returns the text in that style */
export function paint(text: string, style: keyof typeof SGR, hasColour: boolean): string {
  return hasColour ? `\u001b[${SGR[style]}m${text}\u001b[0m` : text;
}
