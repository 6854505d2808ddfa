/**
 * The encoder of messages: canonical dag-cbor of arrays, integers, bytes, text, booleans and null, in two passes over
 * the value, without a token for each of its parts. Everything else is left to the library.
 *
 * @source RFC 8949 §3 (major types), §4.2.1 (shortest form); https://ipld.io/specs/codecs/dag-cbor/spec/
 */
const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4 } as const;
const SIMPLE = { false: 0xf4, true: 0xf5, null: 0xf6 } as const;
/** How a head says that its argument follows in 1, 2, 4 or 8 bytes. */
const LENGTH_BITS = { 0: 0, 1: 24, 2: 25, 4: 26, 8: 27 } as const;
/** Heads grow at these arguments, to 2, 3, 5 and 9 bytes. */
const GROWS_AT = [24, 2 ** 8, 2 ** 16, 2 ** 32] as const;
/** What a head can say: dag-cbor has no big numbers. */
const MOST_BIG = 2n ** 64n;
const UTF8 = new TextEncoder();

type Pen = { readonly into: Uint8Array; at: number };

/** @param value anything @returns its canonical bytes; undefined when it holds something else than this encodes */
export function encodeCbor(value: unknown): Uint8Array | undefined {
  const size = sizeOf(value);
  if (Number.isNaN(size)) return undefined;
  const into = new Uint8Array(size);
  write({ into, at: 0 }, value);
  return into;
}

/** Bytes that the value takes; NaN, which no sum loses, when it cannot be encoded here. */
function sizeOf(value: unknown): number {
  switch (typeof value) {
    case "number":
      return Number.isSafeInteger(value) ? headBytes(value < 0 ? -1 - value : value) : Number.NaN;
    case "bigint":
      return value < -MOST_BIG || value >= MOST_BIG ? Number.NaN : headBytes(Number(argumentOf(value)));
    case "string": {
      const length = utf8Bytes(value);
      return headBytes(length) + length;
    }
    case "boolean":
      return 1;
    case "object":
      if (value === null) return 1;
      if (value instanceof Uint8Array) return headBytes(value.length) + value.length;
      if (!Array.isArray(value)) return Number.NaN;
      return value.reduce<number>((sum, item) => sum + sizeOf(item), headBytes(value.length));
    default:
      return Number.NaN;
  }
}

function write(pen: Pen, value: unknown): void {
  switch (typeof value) {
    case "number":
      if (value < 0) writeHead(pen, MAJOR.negative, -1 - value);
      else writeHead(pen, MAJOR.unsigned, value);
      return;
    case "bigint":
      writeBig(pen, value);
      return;
    case "string":
      writeText(pen, value);
      return;
    case "boolean":
      pen.into[pen.at++] = value ? SIMPLE.true : SIMPLE.false;
      return;
    default:
      writeObject(pen, value as null | Uint8Array | readonly unknown[]);
  }
}

function writeObject(pen: Pen, value: null | Uint8Array | readonly unknown[]): void {
  if (value === null) {
    pen.into[pen.at++] = SIMPLE.null;
  } else if (value instanceof Uint8Array) {
    writeHead(pen, MAJOR.bytes, value.length);
    pen.into.set(value, pen.at);
    pen.at += value.length;
  } else {
    writeHead(pen, MAJOR.array, value.length);
    for (const item of value) write(pen, item);
  }
}

function writeText(pen: Pen, text: string): void {
  const start = pen.at + headBytes(utf8Bytes(text));
  const { written } = UTF8.encodeInto(text, pen.into.subarray(start));
  writeHead(pen, MAJOR.text, written);
  pen.at = start + written;
}

function writeBig(pen: Pen, value: bigint): void {
  const major = value < 0n ? MAJOR.negative : MAJOR.unsigned;
  const argument = argumentOf(value);
  if (argument <= Number.MAX_SAFE_INTEGER) {
    writeHead(pen, major, Number(argument));
    return;
  }
  pen.into[pen.at++] = (major << 5) | LENGTH_BITS[8];
  for (let shift = 56n; shift >= 0n; shift -= 8n) pen.into[pen.at++] = Number((argument >> shift) & 0xffn);
}

function writeHead(pen: Pen, major: number, argument: number): void {
  const more = (headBytes(argument) - 1) as keyof typeof LENGTH_BITS;
  const type = major << 5;
  pen.into[pen.at++] = more === 0 ? type | argument : type | LENGTH_BITS[more];
  let rest = argument;
  for (let place = pen.at + more - 1; place >= pen.at; place -= 1) {
    pen.into[place] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  pen.at += more;
}

function headBytes(argument: number): number {
  if (argument < GROWS_AT[0]) return 1;
  if (argument < GROWS_AT[1]) return 2;
  if (argument < GROWS_AT[2]) return 3;
  return argument < GROWS_AT[3] ? 5 : 9;
}

function argumentOf(value: bigint): bigint {
  return value < 0n ? -1n - value : value;
}

/** Lone surrogates become U+FFFD, three bytes, as TextEncoder writes them. */
function utf8Bytes(text: string): number {
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    length += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    const isPair = unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
    if (!isPair) continue;
    length += 1;
    at += 1;
  }
  return length;
}
