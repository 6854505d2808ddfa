/** One event as one line for a person: time, level, event, facts. Nothing in it can move the cursor. */
import { isLogLevel, type LogLevel } from "./logLevel.ts";

/** Foreground colours. @source ECMA-48 §8.3.117 (SGR) */
const COLOUR: Readonly<Record<LogLevel, number>> = { debug: 90, info: 36, warn: 33, error: 31 };
const DIM = 2;
/** C0 but not JSON-escaped ones, DEL and C1: 0x9B alone begins a control sequence. @source ECMA-48 §5.3 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** @param json one event as JSON @param hasColour whether the terminal takes colours @returns the line, with its newline */
export function prettyLine(json: string, hasColour: boolean): string {
  const { time, level, event, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const paint = (text: string, code: number) => (hasColour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const shown = isLogLevel(level) ? level : "error";
  const facts = Object.entries(fields).map(([key, value]) => `${paint(`${clean(key)}=`, DIM)}${fact(value)}`);
  const clockTime = String(time).slice(11, 23);
  const head = [paint(clean(clockTime), DIM), paint(shown.padEnd(5), COLOUR[shown]), clean(String(event))];
  return `${[...head, ...facts].join(" ")}\n`;
}

function fact(value: unknown): string {
  if (typeof value !== "string") return clean(String(value));
  return /^[^\s"=]+$/.test(value) ? clean(value) : clean(JSON.stringify(value));
}

function clean(text: string): string {
  return text.replace(CONTROL, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
