import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  allowedIntervalSeconds,
  CONNECTION_RATING_W,
  DEMO_GATEWAYS,
  planStreet,
  timeLapseOf,
} from "../../../../agent/cli/demoStreet.ts";
import { isRoleSet, MEMBER_NAME } from "../../../../agent/core/membership/enrolment.ts";

const street = suite("demo street");

street("gives the same meters for the same seed", () => {
  assert.equal(planStreet(7, "42"), planStreet(7, "42"));
});

street("gives other meters for another seed", () => {
  const serials = (seed: string) => planStreet(7, seed).flatMap(({ meters }) => meters.map((m) => m.serial));
  const curves = (seed: string) => planStreet(7, seed).flatMap(({ meters }) => meters.map((m) => m.curve));
  assert.not.equal(serials("42"), serials("43"));
  assert.not.equal(curves("42"), curves("43"));
});

street(
  "that is short of energy has the same households with a share of the generation, and one may be defiant",
  () => {
    const usual = planStreet(4, "42");
    const scarce = planStreet(4, "42", { generationPercent: 20, defiant: "dep2" });
    const powers = (plan: typeof usual) =>
      plan.map(({ meters: [generation] }) =>
        generation !== undefined && "ratedW" in generation.curve ? generation.curve.ratedW : 0,
      );
    assert.equal(
      powers(scarce),
      powers(usual).map((ratedW) => ratedW / 5),
    );
    assert.equal(
      scarce.map(({ meters }) => meters.map(({ limiter }) => limiter?.isObeyed ?? null)),
      [true, false, true, true].map((isObeyed) => [null, isObeyed]),
    );
    assert.equal(
      scarce.map(({ meters }) => meters[1]?.curve),
      usual.map(({ meters }) => meters[1]?.curve),
    );
  },
);

street("begins a longer street with the shorter one", () => {
  assert.equal(planStreet(40, "x").slice(0, 4), planStreet(4, "x"));
});

street("has three households with generation and one without by default", () => {
  const plan = planStreet(4, "1");
  assert.equal(
    plan.map(({ name }) => name),
    ["dep1", "dep2", "dep3", "home4"],
  );
  assert.equal(
    plan.map(({ isConsumerOnly }) => isConsumerOnly),
    [false, false, false, true],
  );
});

street("makes every fourth household consumer-only", () => {
  for (const gateways of [1, 3, 4, 7, 8, 40]) {
    const consumers = planStreet(gateways, "7").filter(({ isConsumerOnly }) => isConsumerOnly);
    assert.is(consumers.length, Math.floor(gateways / 4), `${gateways} gateways`);
    for (const { meters } of consumers) {
      assert.equal(meters.find(({ role }) => role === "generation")?.curve, { kind: "steady", ratedW: 0 });
      assert.is(meters.find(({ role }) => role === "consumption")?.curve.kind, "household");
    }
  }
});

street("generates from more than the sun, so that there is excess at night", () => {
  const fuels = planStreet(4, "42").flatMap(({ meters }) => meters.map(({ fuel }) => fuel));
  assert.equal(
    fuels.filter((fuel) => fuel !== null),
    ["solar", "wind", "hydro", "solar"],
  );
});

street("plans what can be enrolled, whatever the seed", () => {
  fc.assert(
    fc.property(fc.integer(DEMO_GATEWAYS), fc.string({ maxLength: 64 }), (gateways, seed) => {
      const plan = planStreet(gateways, seed);
      const serials = plan.flatMap(({ meters }) => meters.map(({ serial }) => serial));
      assert.is(new Set(serials).size, 2 * gateways);
      for (const { name, meters } of plan) {
        assert.match(name, MEMBER_NAME);
        assert.ok(isRoleSet(meters.map(({ role }) => role)));
        assert.is(new Set(meters.map(({ unitId }) => unitId)).size, meters.length);
        for (const { role, fuel, serial, curve } of meters) {
          assert.match(serial, /^\d{8}$/);
          assert.is(fuel === null, role === "consumption");
          if (curve.kind !== "household") assert.ok(curve.ratedW >= 0 && curve.ratedW <= CONNECTION_RATING_W);
        }
      }
    }),
    { numRuns: 200, verbose: true },
  );
});

street("allows the intervals from 2 s that divide a quarter of an hour, and no other", () => {
  const allowed = [2, 3, 4, 5, 6, 9, 10, 12, 15, 18, 20, 25, 30, 36, 45, 50, 60, 75, 90, 100, 150, 180];
  assert.equal(allowedIntervalSeconds(), [...allowed, 225, 300, 450, 900]);
});

street("stands for 900 metered seconds per interval", () => {
  assert.is(timeLapseOf(5), 180);
  assert.is(timeLapseOf(900), 1);
});

street.run();
