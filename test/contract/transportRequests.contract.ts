/** What every transport promises of requests: one gateway asks another, and both are bounded. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { REQUEST_BURST } from "../../agent/adapters/transport/requestGate.ts";
import { isAgentError } from "../../agent/core/errors.ts";
import type { RequestHandler } from "../../agent/ports/transport.ts";
import { type Party, partyIn } from "../support/transportParty.ts";
import type { StreetPlan, TransportStreet } from "../support/transportStreet.ts";

const MAX_REQUEST_BYTES = 16 * 1024;
const MAX_ANSWER_BYTES = 256 * 1024;
const PLAN: StreetPlan = { gateways: ["a", "b"], strangers: ["x"] };

/**
 * Registers and runs the suite.
 *
 * @param name what is tested
 * @param openStreet makes a street of that transport, nothing started
 */
export function requestsContract(
  name: string,
  openStreet: (plan: StreetPlan) => Promise<TransportStreet>,
): void {
  const test = suite(`transport requests contract: ${name}`);
  const promise: Promised = (statement, check) =>
    test(statement, async () => {
      const street = await openStreet(PLAN);
      const party = partyIn(street);
      try {
        await party.start("a", "b");
        await party.connected(["a", "b"]);
        await check(askedIn(party), party);
      } finally {
        await street.close();
      }
    });
  registerAnswers(promise);
  registerRefusals(promise);
  test.run();
}

type Asked = {
  /** Sets how b answers. */
  readonly serve: (handler: RequestHandler) => void;
  /** a asks b. @returns the answer, or the code it failed with */
  readonly ask: (bytes: Uint8Array, limits?: Limits) => Promise<Uint8Array | string>;
};
type Limits = { readonly timeoutMs?: number; readonly maxAnswerBytes?: number };
type Promised = (statement: string, check: (asked: Asked, party: Party) => Promise<void>) => void;

function askedIn({ street }: Party): Asked {
  return {
    serve: (handler) => street.gateway("b").transport.serve(handler),
    ask: (bytes, limits) => answerOf(street, "a", "b", bytes, limits),
  };
}

/** Asks, and lets the street's time pass until there is an answer. */
async function answerOf(
  street: TransportStreet,
  from: string,
  to: string,
  bytes: Uint8Array,
  { timeoutMs = 20_000, maxAnswerBytes = MAX_ANSWER_BYTES }: Limits = {},
): Promise<Uint8Array | string> {
  let outcome: Uint8Array | string | null = null;
  void street
    .gateway(from)
    .transport.request(street.gateway(to).peerId, bytes, { timeoutMs, maxAnswerBytes })
    .then(
      (answer) => {
        outcome = answer;
      },
      (error: unknown) => {
        outcome = isAgentError(error) ? error.code : String(error);
      },
    );
  await street.until("the request ends", () => outcome !== null);
  return outcome ?? "no outcome";
}

function registerAnswers(promise: Promised): void {
  promise("a request reaches its gateway, tells who asks, and is answered", async ({ serve, ask }, party) => {
    const seen: string[] = [];
    serve(async ({ peerId, bytes }) => {
      seen.push(peerId);
      return bytes.toReversed();
    });
    assert.equal(await ask(Uint8Array.of(1, 2, 3)), Uint8Array.of(3, 2, 1));
    assert.equal(await ask(new Uint8Array()), new Uint8Array());
    const { peerId } = party.street.gateway("a");
    assert.equal(seen, [peerId, peerId]);
  });

  promise("request and answer may be as long as allowed, and no longer", async ({ serve, ask }, party) => {
    assert.is(party.street.gateway("a").transport.maxAnswerBytes, MAX_ANSWER_BYTES);
    serve(async ({ bytes }) => new Uint8Array(MAX_ANSWER_BYTES).fill(bytes[0] ?? 0));
    const answer = await ask(new Uint8Array(MAX_REQUEST_BYTES).fill(7));
    assert.is(typeof answer !== "string" && answer.length, MAX_ANSWER_BYTES);
    assert.ok(typeof answer !== "string" && answer.every((byte) => byte === 7));
    assert.is(await ask(new Uint8Array(MAX_REQUEST_BYTES + 1)), "TRANSPORT_TOO_LONG");
    assert.is(await ask(new Uint8Array(1), { maxAnswerBytes: MAX_ANSWER_BYTES - 1 }), "TRANSPORT_TOO_LONG");
  });

  promise("requests do not wait for one another", async ({ serve, ask }) => {
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    serve(async ({ bytes }) => {
      if (bytes[0] === 1) await held;
      return bytes;
    });
    const slow = ask(Uint8Array.of(1));
    assert.equal(await ask(Uint8Array.of(2)), Uint8Array.of(2));
    release();
    assert.equal(await slow, Uint8Array.of(1));
  });
}

function registerRefusals(promise: Promised): void {
  promise("without a handler, or when it refuses, there is no answer", async ({ serve, ask }) => {
    assert.is(await ask(Uint8Array.of(1)), "TRANSPORT_UNANSWERED");
    serve(async () => null);
    assert.is(await ask(Uint8Array.of(1)), "TRANSPORT_UNANSWERED");
  });

  promise(
    "a handler that throws, or answers too long, is a fault of its own",
    async ({ serve, ask }, party) => {
      serve(async () => {
        throw new Error("broken");
      });
      assert.is(await ask(Uint8Array.of(1)), "TRANSPORT_UNANSWERED");
      serve(async () => new Uint8Array(MAX_ANSWER_BYTES + 1));
      assert.is(await ask(Uint8Array.of(1)), "TRANSPORT_UNANSWERED");
      const faults = party.street
        .gateway("b")
        .faults.map((error) => (isAgentError(error) ? error.code : `${error}`));
      assert.equal(faults, ["Error: broken", "TRANSPORT_TOO_LONG"]);
      assert.is(party.street.gateway("a").faults.length, 0);
    },
  );

  promise("an answer that does not come in time is given up", async ({ serve, ask }) => {
    let release: () => void = () => {};
    serve(
      () =>
        new Promise((resolve) => {
          release = () => resolve(null);
        }),
    );
    assert.is(await ask(Uint8Array.of(1), { timeoutMs: 200 }), "TRANSPORT_TIMEOUT");
    release();
    serve(async ({ bytes }) => bytes);
    assert.equal(await ask(Uint8Array.of(2)), Uint8Array.of(2));
  });

  promise(
    "who asks too often is refused, counted, and answered again later",
    async ({ serve, ask }, party) => {
      serve(async ({ bytes }) => bytes);
      const outcomes = new Set<string>();
      for (let count = 0; count < 4 * REQUEST_BURST && !outcomes.has("TRANSPORT_UNANSWERED"); count += 1) {
        const outcome = await ask(Uint8Array.of(1));
        outcomes.add(typeof outcome === "string" ? outcome : "answered");
      }
      assert.equal([...outcomes], ["answered", "TRANSPORT_UNANSWERED"]);
      assert.is(party.street.gateway("b").transport.refusals().TRANSPORT_REQUEST_FLOODED, 1);
    },
  );

  promise("a stranger is not answered, and who is away cannot be asked", async ({ serve, ask }, party) => {
    serve(async ({ bytes }) => bytes);
    await party.start("x");
    assert.is(await answerOf(party.street, "x", "a", Uint8Array.of(1)), "TRANSPORT_NOT_CONNECTED");
    await party.street.gateway("b").transport.stop();
    await party.street.until("a misses b", () =>
      party.street
        .gateway("a")
        .transport.peers()
        .every((peer) => !peer.connected),
    );
    assert.is(await ask(Uint8Array.of(1)), "TRANSPORT_NOT_CONNECTED");
  });
}
