/** Journal files made in memory, for what can happen to their bytes. */
import { encodeHeader, encodeRecord } from "../../agent/adapters/journal/journalFormat.ts";

/**
 * @param format name of the format
 * @param capacityBytes size of the file
 * @param payloads of its records
 * @param firstNumber of the first
 * @returns the file, and where each record starts; the last offset is where the next would
 */
export function journalBytes(
  format: string,
  capacityBytes: number,
  payloads: readonly Uint8Array[],
  firstNumber = 1,
): { readonly file: Buffer; readonly offsets: readonly number[] } {
  const file = Buffer.alloc(capacityBytes);
  const header = encodeHeader(format, capacityBytes, firstNumber);
  header.copy(file);
  const offsets = [header.length];
  for (const [index, payload] of payloads.entries()) {
    const record = encodeRecord({ number: firstNumber + index, payload });
    const offset = offsets.at(-1)!;
    record.copy(file, offset);
    offsets.push(offset + record.length);
  }
  return { file, offsets };
}
