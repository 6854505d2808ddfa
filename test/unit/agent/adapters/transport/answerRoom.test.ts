import { suite } from "uvu";
import * as assert from "uvu/assert";
import { answerRoom } from "../../../../../agent/adapters/transport/answerRoom.ts";
import {
  CONNECTIONS_PER_GATEWAY,
  limitsOf,
  MAX_ANSWERS_BYTES,
} from "../../../../../agent/adapters/transport/limits.ts";
import { MAX_REQUEST_STREAMS } from "../../../../../agent/adapters/transport/requestStreams.ts";

const test = suite("answerRoom");

test("is taken to the last byte, and no further", () => {
  const room = answerRoom(10);
  assert.ok(room.take(4) !== null);
  assert.is(room.take(7), null);
  assert.ok(room.take(6) !== null);
  assert.is(room.take(1), null);
});

test("gets back what an answer is shorter, and once the answer is taken all of it", () => {
  const room = answerRoom(10);
  const place = room.take(10);
  place?.shrinkTo(4);
  assert.is(room.take(7), null);
  place?.shrinkTo(0);
  place?.shrinkTo(0);
  assert.ok(room.take(10) !== null);
  assert.is(room.take(1), null);
});

test("is enough for every stream of a street of 17, and for sixteen of the longest answers", () => {
  const others = 16;
  const streams = others * CONNECTIONS_PER_GATEWAY * MAX_REQUEST_STREAMS;
  assert.ok(streams * limitsOf(others + 1).frameBytes <= MAX_ANSWERS_BYTES);
  assert.is(16 * limitsOf(200).frameBytes, MAX_ANSWERS_BYTES);
});

test.run();
