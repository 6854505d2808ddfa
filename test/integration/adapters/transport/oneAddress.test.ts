import "../../../../agent/compat.ts";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { accept } from "../../../../agent/core/verdict.ts";
import { openLibp2pStreet } from "../../../support/transportStreet.ts";
import { until } from "../../../support/until.ts";

/** At this size gossipsub's default scoring delivers nothing to a street behind one address. */
const GATEWAYS = 20;
const ROUNDS = ["first", "second"];
/** For a machine that has much else to do; alone it takes a few seconds. */
const PATIENCE_MS = 55_000;

const test = suite("a street behind one address");

test("20 gateways: every message reaches every other", async () => {
  const names = Array.from({ length: GATEWAYS }, (_, index) => `g${index}`);
  const street = await openLibp2pStreet({ gateways: names });
  try {
    const heard = new Map(names.map((name) => [name, [] as string[]]));
    for (const name of names) {
      await street.gateway(name).transport.start(({ bytes }) => {
        heard.get(name)?.push(new TextDecoder().decode(bytes));
        return accept(null);
      });
    }
    const isWhole = (name: string) =>
      street
        .gateway(name)
        .transport.peers()
        .every((peer) => peer.connected);
    await until("each is connected with all", () => names.every(isWhole), PATIENCE_MS);
    for (const round of ROUNDS) {
      const texts = names.map((name) => [name, new TextEncoder().encode(`${round} of ${name}`)] as const);
      await Promise.all(
        texts.map(([name, text]) => street.gateway(name).transport.publish("readings", text)),
      );
    }
    const expected = ROUNDS.length * (GATEWAYS - 1);
    await until(
      "all arrived",
      () => names.every((name) => heard.get(name)?.length === expected),
      PATIENCE_MS,
    );
    for (const name of names) {
      const others = names.filter((other) => other !== name);
      const all = others.flatMap((other) => ROUNDS.map((round) => `${round} of ${other}`));
      assert.equal([...(heard.get(name) ?? [])].sort(), all.sort());
    }
  } finally {
    await street.close();
  }
});

test.run();
