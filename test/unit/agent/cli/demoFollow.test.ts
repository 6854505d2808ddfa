import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  DemoFollower,
  type FollowedCommit,
  type FollowedGateway,
  type FollowedInterval,
  pause,
  silentGateways,
} from "../../../../agent/cli/demoFollow.ts";
import type { Hash } from "../../../../agent/core/hash.ts";
import { height as heightOf } from "../../../../agent/core/units.ts";
import type { IntervalView, StatusView } from "../../../../agent/ports/agentView.ts";

const hash = (digit: string): Hash => digit.repeat(64) as Hash;

const view = (height: number, interval: number): IntervalView => ({
  schema: "edso.interval/2",
  height,
  interval,
  dso: "dep1",
  term: 1,
  members: [],
  trades: [],
  signal: { excessWh: 0, deficitWh: 0, unmetWh: 0, unsoldWh: 0 },
  stop: "balanced",
  settlement: null,
});

/** A gateway that commits when told to; a block settles one interval unless said otherwise. */
class FakeGateway implements FollowedGateway {
  readonly commitsSoFar: FollowedCommit[] = [];
  intervalsPerBlock = 1;
  isAnswering = true;
  #breaks = 0;

  commit(height: number, digit = "a"): void {
    this.commitsSoFar.push({ height: heightOf(height), blockHash: hash(digit) });
  }

  breakStream(): void {
    this.#breaks++;
  }

  async status(): Promise<StatusView> {
    if (!this.isAnswering) throw new Error("no socket");
    return {} as StatusView;
  }

  async intervals(height: number): Promise<readonly IntervalView[] | null> {
    if (!this.isAnswering) throw new Error("no socket");
    return Array.from({ length: this.intervalsPerBlock }, (_, index) => view(height, 10 * height + index));
  }

  async *commits(options: { after: number; signal: AbortSignal }): AsyncGenerator<FollowedCommit> {
    const breaks = this.#breaks;
    let told = options.after;
    while (!options.signal.aborted) {
      if (this.#breaks !== breaks) throw new Error("stream broke");
      for (const commit of this.commitsSoFar) {
        if (commit.height !== told + 1) continue;
        told = commit.height;
        yield commit;
      }
      await pause(1, options.signal);
    }
  }
}

type Street = { readonly gateways: Map<string, FakeGateway>; readonly follower: DemoFollower };

function street(names: readonly string[], agreementWaitMs: number): Street {
  const gateways = new Map(names.map((name) => [name, new FakeGateway()]));
  const follower = new DemoFollower(gateways, {
    agreementWaitMs,
    stallAfterMs: 60_000,
    onStall: () => {},
  });
  follower.start();
  return { gateways, follower };
}

async function take(follower: DemoFollower, count: number): Promise<readonly FollowedInterval[]> {
  const taken: FollowedInterval[] = [];
  for await (const interval of follower.intervals()) {
    taken.push(interval);
    if (taken.length === count) break;
  }
  return taken;
}

const LONG_MS = 30_000;
const follow = suite("demo follower");

follow("tells a height once every gateway has it, with all heads in the order of the street", async () => {
  const { gateways, follower } = street(["dep10", "dep2"], LONG_MS);
  for (const gateway of gateways.values()) gateway.commit(1);
  const [first] = await take(follower, 1);
  assert.is(first?.view.height, 1);
  assert.equal(Object.entries(first?.heads ?? {}), [
    ["dep2", hash("a")],
    ["dep10", hash("a")],
  ]);
  follower.stop();
});

follow("tells heads that differ as they are", async () => {
  const { gateways, follower } = street(["dep1", "dep2"], LONG_MS);
  gateways.get("dep1")?.commit(1, "a");
  gateways.get("dep2")?.commit(1, "b");
  const [first] = await take(follower, 1);
  assert.equal(first?.heads, { dep1: hash("a"), dep2: hash("b") });
  follower.stop();
});

follow("tells what there is when one gateway lags beyond the wait", async () => {
  const { gateways, follower } = street(["dep1", "dep2"], 20);
  gateways.get("dep1")?.commit(1);
  const [first] = await take(follower, 1);
  assert.equal(first?.heads, { dep1: hash("a") });
  follower.stop();
});

follow("waits no more for a gateway that has ended", async () => {
  const { gateways, follower } = street(["dep1", "dep2"], LONG_MS);
  gateways.get("dep1")?.commit(1);
  const taken = take(follower, 1);
  follower.drop("dep2");
  assert.equal((await taken)[0]?.heads, { dep1: hash("a") });
  follower.stop();
});

follow("leaves the head of a gateway that has ended out", async () => {
  const { gateways, follower } = street(["dep1", "dep2", "dep3"], LONG_MS);
  gateways.get("dep2")?.commit(1);
  await pause(20, new AbortController().signal);
  follower.drop("dep2");
  gateways.get("dep1")?.commit(1);
  gateways.get("dep3")?.commit(1);
  assert.equal(Object.keys((await take(follower, 1))[0]?.heads ?? {}), ["dep1", "dep3"]);
  follower.stop();
});

follow("tells each interval of a block that settles several", async () => {
  const { gateways, follower } = street(["dep1"], LONG_MS);
  const gateway = gateways.get("dep1")!;
  gateway.intervalsPerBlock = 3;
  gateway.commit(1);
  const taken = await take(follower, 3);
  assert.equal(
    taken.map(({ view: { interval } }) => interval),
    [10, 11, 12],
  );
  follower.stop();
});

follow("loses no height and repeats none when a stream breaks", async () => {
  const { gateways, follower } = street(["dep1", "dep2"], LONG_MS);
  for (const gateway of gateways.values()) for (const height of [1, 2]) gateway.commit(height);
  const first = await take(follower, 2);
  gateways.get("dep1")?.breakStream();
  for (const gateway of gateways.values()) for (const height of [3, 4]) gateway.commit(height);
  const second = await take(follower, 2);
  assert.equal(
    [...first, ...second].map(({ view: { height } }) => height),
    [1, 2, 3, 4],
  );
  follower.stop();
});

follow("asks another gateway when one does not answer", async () => {
  const { gateways, follower } = street(["dep1", "dep2"], LONG_MS);
  gateways.get("dep1")!.isAnswering = false;
  for (const gateway of gateways.values()) gateway.commit(1);
  assert.is((await take(follower, 1))[0]?.view.height, 1);
  follower.stop();
});

follow("ends when the last gateway has ended", async () => {
  const { follower } = street(["dep1"], LONG_MS);
  const taken = take(follower, 1);
  follower.drop("dep1");
  assert.equal(await taken, []);
  follower.stop();
});

follow("ends when it is stopped", async () => {
  const { follower } = street(["dep1"], LONG_MS);
  const taken = take(follower, 1);
  follower.stop();
  assert.equal(await taken, []);
});

follow("tells of a standstill once, not again and again", async () => {
  const stalls: number[] = [];
  const aborter = new AbortController();
  const onStall = (silentMs: number) => {
    stalls.push(silentMs);
    setTimeout(() => aborter.abort(), 40);
  };
  const options = { agreementWaitMs: LONG_MS, stallAfterMs: 5, onStall };
  const follower = new DemoFollower(new Map([["dep1", new FakeGateway()]]), options);
  aborter.signal.addEventListener("abort", () => follower.stop());
  follower.start();
  assert.equal(await take(follower, 1), []);
  assert.is(stalls.length, 1);
});

follow.run();

const ready = suite("silent gateways");

ready("are none once all answer", async () => {
  const gateways = new Map([["dep1", new FakeGateway()]]);
  assert.equal(await silentGateways(gateways, LONG_MS, new AbortController().signal), []);
});

ready("are named when the limit is over", async () => {
  const deaf = new FakeGateway();
  deaf.isAnswering = false;
  const gateways = new Map([
    ["dep1", new FakeGateway()],
    ["dep2", deaf],
  ]);
  assert.equal(await silentGateways(gateways, 20, new AbortController().signal), ["dep2"]);
});

ready.run();
