import { suite } from "uvu";
import * as assert from "uvu/assert";
import { framed, frameTaker } from "../../../../../agent/adapters/transport/frame.ts";
import { failsWith } from "../../../../support/failure.ts";

const test = suite("a frame");

const MAX_BYTES = 1_048_576;
const MESSAGE = Uint8Array.from({ length: 300 }, (_, index) => index);

test("comes together from pieces of any size, also when its length is in two of them", () => {
  const bytes = framed(MESSAGE);
  assert.equal(bytes.subarray(0, 4), Uint8Array.of(0, 0, 1, 44));
  for (const size of [1, 2, 3, 5, 100, 303, 304]) {
    const take = frameTaker(MAX_BYTES);
    const given: (Uint8Array | null)[] = [];
    for (let at = 0; at < bytes.length; at += size) given.push(take(bytes.subarray(at, at + size)));
    assert.equal(given.pop(), MESSAGE, `pieces of ${size}`);
    assert.ok(given.every((early) => early === null));
  }
  assert.equal(frameTaker(MAX_BYTES)(framed(new Uint8Array())), new Uint8Array());
});

test("takes the memory of its message, not of its pieces", () => {
  const take = frameTaker(MAX_BYTES);
  take(framed(new Uint8Array(MAX_BYTES)).subarray(0, 4));
  const before = process.memoryUsage().heapUsed;
  for (let left = MAX_BYTES; left > 1; left -= 1) take(Uint8Array.of(7));
  const grownBytes = process.memoryUsage().heapUsed - before;
  assert.ok(grownBytes < 50 * MAX_BYTES, `${grownBytes} bytes more`);
  assert.equal(take(Uint8Array.of(7)), new Uint8Array(MAX_BYTES).fill(7));
});

test("that announces too much, or is followed by more, is refused", async () => {
  const take = frameTaker(299);
  const tooLong = await failsWith(() => take(framed(MESSAGE)), "TRANSPORT_TOO_LONG");
  assert.equal(tooLong.detail, { bytes: 300, limitBytes: 299 });
  const more = frameTaker(300);
  assert.equal(more(framed(MESSAGE)), MESSAGE);
  await failsWith(() => more(Uint8Array.of(1)), "TRANSPORT_UNANSWERED");
});

test.run();
