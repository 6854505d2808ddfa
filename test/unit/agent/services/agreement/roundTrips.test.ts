/** Round trips follow the roster: who left delays nobody, who came is measured, and guests do not count. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MAX_ROUND_TRIP_MS } from "../../../../../agent/core/consensus/roundTrip.ts";
import { roundTrips } from "../../../../../agent/services/agreement/roundTrips.ts";

/** Members by names; a guest's ends with a question mark. */
function membersOf(names: string) {
  return names.split(" ").map((name) => ({ peerId: name.replace("?", ""), isVoter: !name.endsWith("?") }));
}

/** The measurements of gateway a, whose roster can change. */
function measuring(names: string) {
  let members = membersOf(names);
  const trips = roundTrips(() => members, "a");
  const noteAll = (peers: string, tookMs: number) => {
    for (const peerId of peers.split(" ")) trips.note(peerId, tookMs);
  };
  const change = (to: string) => {
    members = membersOf(to);
  };
  return { trips, noteAll, change };
}

const test = suite("round trips");

test("estimates the longest of late, but for the f longest", () => {
  const { trips, noteAll } = measuring("a b c d");
  noteAll("b c", 20);
  assert.is(trips.estimateMs(), 20);
  noteAll("c d", 300);
  assert.is(trips.estimateMs(), 300);
  for (let times = 0; times < 8; times += 1) noteAll("c", 30);
  assert.is(trips.estimateMs(), 30);
});

test("waits for nobody who has left, and forgets what was measured there", () => {
  const { trips, noteAll, change } = measuring("a b c d e f g");
  noteAll("b c d", 20);
  assert.is(trips.estimateMs(), MAX_ROUND_TRIP_MS);
  change("a b c d");
  assert.is(trips.estimateMs(), 20);
  change("a c d");
  noteAll("c", 20);
  assert.is(trips.lastMs("b"), null);
});

test("measures who was admitted", () => {
  const { trips, noteAll, change } = measuring("a b");
  noteAll("b c", 20);
  assert.is(trips.lastMs("c"), null);
  change("a b c");
  assert.is(trips.estimateMs(), MAX_ROUND_TRIP_MS);
  noteAll("c", 40);
  assert.is(trips.estimateMs(), 40);
});

test("counts no guest", () => {
  const { trips, noteAll } = measuring("a b c? d?");
  noteAll("b", 20);
  assert.is(trips.estimateMs(), 20);
});

test.run();
