/**
 * What every transport promises. A message's text says how its receivers judge it: `accept …`, `ignore …`,
 * `reject …`, `throw …`. That something does not arrive is shown by a later message that does, on the same way.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isAgentError } from "../../agent/core/errors.ts";
import { accept } from "../../agent/core/verdict.ts";
import { isConnected, type Party, partyIn } from "../support/transportParty.ts";
import type { StreetPlan, TransportStreet } from "../support/transportStreet.ts";

const LINE: StreetPlan = {
  gateways: ["a", "b", "c"],
  links: [
    ["a", "b"],
    ["b", "c"],
  ],
};

/**
 * Registers and runs the suite.
 *
 * @param name what is tested
 * @param openStreet makes a street of that transport, nothing started
 */
export function transportContract(
  name: string,
  openStreet: (plan: StreetPlan) => Promise<TransportStreet>,
): void {
  const test = suite(`transport contract: ${name}`);
  const promise = (statement: string, plan: StreetPlan, check: (party: Party) => Promise<void>) =>
    test(statement, async () => {
      const street = await openStreet(plan);
      try {
        await check(partyIn(street));
      } finally {
        await street.close();
      }
    });
  registerDelivery(promise);
  registerVerdicts(promise);
  registerEdges(promise);
  test.run();
}

type Promised = (statement: string, plan: StreetPlan, check: (party: Party) => Promise<void>) => void;

function registerDelivery(promise: Promised): void {
  promise(
    "a message reaches every other gateway on its channel, and not its sender",
    { gateways: ["a", "b", "c"] },
    async (party) => {
      await party.start("a", "b", "c");
      await party.connected(["a", "b"], ["a", "c"], ["b", "c"]);
      assert.is(await party.publish("a", "accept 1", "readings"), 2);
      await party.heard("b", "accept 1");
      await party.heard("c", "accept 1");
      await party.publish("b", "accept 2", "votes");
      await party.heard("a", "accept 2");
      await party.heard("c", "accept 2");
      assert.equal(
        party.arrived("a").map(({ text, channel }) => ({ text, channel })),
        [{ text: "accept 2", channel: "votes" }],
      );
      assert.equal(
        party.arrived("c").map(({ text, channel }) => ({ text, channel })),
        [
          { text: "accept 1", channel: "readings" },
          { text: "accept 2", channel: "votes" },
        ],
      );
    },
  );

  promise("a message names the neighbour that handed it over", { gateways: ["a", "b"] }, async (party) => {
    await party.start("a", "b");
    await party.connected(["a", "b"]);
    await party.publish("a", "accept 1");
    await party.heard("b", "accept 1");
    assert.is(party.arrived("b")[0]?.peerId, party.street.gateway("a").peerId);
  });

  promise(
    "the same bytes again go to nobody; on the other channel they are another message",
    { gateways: ["a", "b"] },
    async (party) => {
      await party.start("a", "b");
      await party.connected(["a", "b"]);
      assert.is(await party.publish("a", "accept 1", "readings"), 1);
      assert.is(await party.publish("a", "accept 1", "readings"), 0);
      assert.is(await party.publish("a", "accept 1", "votes"), 1);
      await party.publish("a", "accept fence", "votes");
      await party.heard("b", "accept fence");
      assert.equal(
        party.arrived("b").map(({ text, channel }) => `${channel} ${text}`),
        ["readings accept 1", "votes accept 1", "votes accept fence"],
      );
    },
  );

  promise("a message is forwarded to a gateway that its publisher cannot reach", LINE, async (party) => {
    await party.start("a", "b", "c");
    await party.connected(["a", "b"], ["b", "c"]);
    await party.publish("a", "accept 1");
    await party.heard("c", "accept 1");
    assert.is(party.arrived("c")[0]?.peerId, party.street.gateway("b").peerId);
    assert.is(isConnected(party.street, "a", "c"), false);
  });
}

function registerVerdicts(promise: Promised): void {
  for (const kind of ["ignore", "reject"] as const) {
    promise(`what is judged ${kind} is not forwarded, and counted`, LINE, async (party) => {
      await party.start("a", "b", "c");
      await party.connected(["a", "b"], ["b", "c"]);
      await party.publish("a", `${kind} 1`, "votes");
      await party.publish("a", "accept fence", "votes");
      await party.heard("c", "accept fence");
      assert.equal(
        party.arrived("b").map(({ text }) => text),
        [`${kind} 1`, "accept fence"],
      );
      assert.equal(
        party.arrived("c").map(({ text }) => text),
        ["accept fence"],
      );
      const none = { accept: 0, ignore: 0, reject: 0 };
      assert.equal(party.street.gateway("b").transport.counters(), {
        readings: none,
        transactions: none,
        votes: { ...none, accept: 1, [kind]: 1 },
      });
    });
  }

  promise("a judge that throws is a fault, no verdict; what comes after is judged", LINE, async (party) => {
    await party.start("a", "b", "c");
    await party.connected(["a", "b"], ["b", "c"]);
    await party.publish("a", "throw 1");
    await party.publish("a", "accept fence");
    await party.heard("c", "accept fence");
    const { faults, transport } = party.street.gateway("b");
    assert.equal(faults.map(String), ["Error: throw 1"]);
    assert.equal(transport.counters().readings, { accept: 1, ignore: 0, reject: 0 });
    assert.equal(
      party.arrived("c").map(({ text }) => text),
      ["accept fence"],
    );
    assert.is(party.street.gateway("a").faults.length, 0);
  });
}

function registerEdges(promise: Promised): void {
  promise(
    "published to nobody, a message can be published again when somebody is there",
    { gateways: ["a", "b"] },
    async (party) => {
      await party.start("a");
      assert.is(await party.publish("a", "accept 1"), 0);
      await party.start("b");
      await party.connected(["a", "b"]);
      assert.is(await party.publish("a", "accept 1"), 1);
      await party.heard("b", "accept 1");
    },
  );

  promise(
    "a message longer than its channel allows is refused before it is sent",
    { gateways: ["a", "b"] },
    async (party) => {
      await party.start("a", "b");
      await party.connected(["a", "b"]);
      for (const [channel, limitBytes] of [
        ["readings", 64 * 1024],
        ["votes", 192 * 1024],
      ] as const) {
        const { transport } = party.street.gateway("a");
        assert.is(await transport.publish(channel, new Uint8Array(limitBytes)), 1);
        assert.is(
          await codeOf(transport.publish(channel, new Uint8Array(limitBytes + 1))),
          "TRANSPORT_TOO_LONG",
        );
      }
      await party.street.until("both of full length arrive", () => party.arrived("b").length === 2);
    },
  );

  promise(
    "a gateway that is in nobody's roster hears nothing and is not heard",
    { gateways: ["a", "b"], strangers: ["x"] },
    async (party) => {
      await party.start("a", "b", "x");
      await party.connected(["a", "b"]);
      assert.is(await party.publish("x", "accept forged"), 0);
      assert.is(await party.publish("a", "accept 1"), 1);
      await party.heard("b", "accept 1");
      assert.is(await party.publish("b", "accept 2"), 1);
      await party.heard("a", "accept 2");
      assert.equal(party.arrived("x"), []);
      assert.equal(
        party.arrived("a").map(({ text }) => text),
        ["accept 2"],
      );
      assert.ok(
        party.street
          .gateway("x")
          .transport.peers()
          .every((peer) => !peer.connected),
      );
    },
  );

  promise(
    "a stopped gateway hears nothing, sends nothing, and is seen to be away",
    { gateways: ["a", "b", "c"] },
    async (party) => {
      await party.start("a", "b", "c");
      await party.connected(["a", "b"], ["a", "c"], ["b", "c"]);
      await party.street.gateway("c").transport.stop();
      await party.street.until(
        "a and b miss c",
        () => !isConnected(party.street, "a", "c") && !isConnected(party.street, "b", "c"),
      );
      assert.is(await party.publish("c", "accept late"), 0);
      assert.is(await party.publish("a", "accept 1"), 1);
      await party.heard("b", "accept 1");
      assert.equal(party.arrived("c"), []);
      assert.equal(
        party.street
          .gateway("c")
          .transport.peers()
          .map((peer) => peer.connected),
        [false, false],
      );
    },
  );

  promise(
    "peers are the whole rest of the roster, connected or not",
    { gateways: ["a", "b", "c"] },
    async (party) => {
      await party.start("a", "b");
      await party.connected(["a", "b"]);
      const peers = party.street.gateway("a").transport.peers();
      assert.equal(
        peers.map(({ peerId, connected }) => ({ peerId, connected })),
        [
          { peerId: party.street.gateway("b").peerId, connected: true },
          { peerId: party.street.gateway("c").peerId, connected: false },
        ],
      );
      assert.ok(peers.every((peer) => peer.addresses.length === 1));
    },
  );

  promise("starting what runs is refused", { gateways: ["a", "b"] }, async (party) => {
    await party.start("a");
    assert.is(
      await codeOf(party.street.gateway("a").transport.start(() => accept(null))),
      "TRANSPORT_STARTED",
    );
  });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "no failure";
  } catch (error) {
    if (isAgentError(error)) return error.code;
    throw error;
  }
}
