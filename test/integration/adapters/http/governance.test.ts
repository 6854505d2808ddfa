/** Office, evidence and transactions over the local API: the real server, client and socket, an agent a test makes up. */
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { agentClient } from "../../../../agent/adapters/http/client.ts";
import {
  encodeTransaction,
  GRID_ADMIN,
  MAX_TRANSACTION_BYTES,
} from "../../../../agent/core/ledger/state/transaction.ts";
import type { BidRequest } from "../../../../agent/ports/bidView.ts";
import type { SwapRequest } from "../../../../agent/ports/governanceView.ts";
import { ServiceError } from "../../../../agent/services/base/serviceError.ts";
import { withServer } from "../../../support/apiWorld.ts";
import { signTransaction, testContext } from "../../../support/chainBuilder.ts";
import { failsWith } from "../../../support/failure.ts";
import { ACCOUNTS, BIDS, DSO, EVIDENCE, POLICIES } from "../../../support/fakeAgentView.ts";

const test = suite<{ directory: string }>("governance over the local API");

test.before.each((context) => {
  context.directory = mkdtempSync(join(tmpdir(), "edso-api-"));
});
test.after.each((context) => rmSync(context.directory, { recursive: true, force: true }));

const signed = signTransaction(testContext(1), {
  signer: GRID_ADMIN,
  sequence: 3,
  content: { kind: "present" },
});

const SWAP: SwapRequest = {
  role: "consumption",
  oldSerial: "dep1-2",
  newSerial: "20239784",
  oldEndWh: [1_234_567],
  newStartWh: [12],
};

function post(socketPath: string, path: string, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path, method: "POST", agent: false }, async (response) => {
      let body = "";
      for await (const chunk of response) body += chunk;
      resolve(`${response.statusCode} ${(JSON.parse(body) as { code?: string }).code ?? ""}`.trim());
    });
    outgoing.once("error", reject).end(bytes);
  });
}

test("tells office, evidence, policies and accounts", ({ directory }) =>
  withServer(directory, { head: 3 }, async ({ socketPath }) => {
    const client = agentClient(socketPath);
    assert.equal(await client.dso(), DSO);
    assert.equal(await client.evidence(), EVIDENCE);
    assert.equal(await client.policies(), POLICIES);
    assert.equal(await client.accounts(), ACCOUNTS);
  }));

test("casts a ballot and takes it back; of nobody it says so", ({ directory }) =>
  withServer(directory, { head: 3 }, async ({ socketPath, view }) => {
    const client = agentClient(socketPath);
    assert.is((await client.castBallot("dep2")).kind, "ballot");
    await client.castBallot(null);
    assert.equal(view.ballots, ["dep2", null]);
    const error = await failsWith(() => client.castBallot("nobody"), "API_REFUSED");
    assert.is(error.detail.apiCode, "API_NO_SUCH_VOTER");
  }));

test("says that a ballot has to wait when as many as may wait do", ({ directory }) =>
  withServer(directory, { head: 3 }, async ({ socketPath, view }) => {
    view.failure = new ServiceError("TRANSACTIONS_WAITING", { waiting: 4 });
    const error = await failsWith(() => agentClient(socketPath).castBallot("dep2"), "API_REFUSED");
    assert.is(error.detail.apiCode, "TRANSACTIONS_WAITING");
  }));

test("takes a signed transaction, and says why not", ({ directory }) =>
  withServer(directory, { head: 3 }, async ({ socketPath, view }) => {
    const client = agentClient(socketPath);
    const taken = await client.submit(encodeTransaction(signed));
    assert.equal([taken.signer, taken.sequence, taken.kind], [GRID_ADMIN, 3, "present"]);
    assert.equal(view.taken, [signed]);
    view.refusal = { kind: "ignore", code: "TRANSACTION_REPLAYED", detail: "sequence 3" };
    const error = await failsWith(() => client.submit(encodeTransaction(signed)), "API_REFUSED");
    assert.is(error.detail.apiCode, "TRANSACTION_REPLAYED");
  }));

const BID: BidRequest = {
  side: "buy",
  limit: "212500",
  capWh: 500,
  from: null,
  to: 1_100,
  area: "feeder-1",
  fuel: "solar",
};

test("tells the bids, and places one", ({ directory }) =>
  withServer(directory, { head: 3 }, async ({ socketPath, view }) => {
    const client = agentClient(socketPath);
    assert.equal(await client.bids(), BIDS);
    assert.is((await client.placeBid(BID)).kind, "bid");
    assert.equal(view.placed, [BID]);
    view.refusal = { kind: "reject", code: "BID_WINDOW", detail: "5 to 4" };
    const refused = await failsWith(() => client.placeBid(BID), "API_REFUSED");
    assert.is(refused.detail.apiCode, "BID_WINDOW");
    view.failure = new ServiceError("TRANSACTIONS_WAITING", { waiting: 4 });
    const later = await failsWith(() => client.placeBid(BID), "API_REFUSED");
    assert.is(later.detail.apiCode, "TRANSACTIONS_WAITING");
  }));

const BAD_BIDS: readonly Readonly<Record<string, unknown>>[] = [
  { side: "both" },
  { limit: "-1" },
  { limit: "0.5" },
  { limit: "01" },
  { limit: "1000000000001" },
  { limit: 1 },
  { capWh: 1e300 },
  { from: "now" },
  { to: -1 },
  { area: "North Street" },
  { area: 7 },
  { fuel: "coal" },
];

test("refuses a bid of another form", ({ directory }) =>
  withServer(directory, { head: 3 }, async ({ socketPath, view }) => {
    const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
    for (const body of [null, [], "{", ...BAD_BIDS.map((change) => ({ ...BID, ...change }))])
      assert.is(await post(socketPath, "/api/v1/bid", bytes(body)), "400 API_BAD_BID", JSON.stringify(body));
    assert.is(await post(socketPath, "/api/v1/bid", bytes("x".repeat(600))), "413 API_TOO_LONG");
    assert.equal(view.placed, []);
  }));

test("takes the statement of a meter swap, and says why not", ({ directory }) =>
  withServer(directory, { head: 3 }, async ({ socketPath, view }) => {
    const client = agentClient(socketPath);
    assert.is((await client.swapMeter(SWAP)).kind, "meter-swap");
    assert.equal(view.swaps, [SWAP]);
    view.refusal = { kind: "reject", code: "SWAP_NOT_METER", detail: "77" };
    const error = await failsWith(() => client.swapMeter(SWAP), "API_REFUSED");
    assert.equal([error.detail.apiCode, error.detail.status], ["SWAP_NOT_METER", 409]);
    view.failure = new ServiceError("TRANSACTIONS_WAITING", { waiting: 4 });
    const waiting = await failsWith(() => client.swapMeter(SWAP), "API_REFUSED");
    assert.equal([waiting.detail.apiCode, waiting.detail.status], ["TRANSACTIONS_WAITING", 503]);
  }));

test("refuses what is no statement of a swap", ({ directory }) =>
  withServer(directory, { head: 3 }, async ({ socketPath, view }) => {
    const bad: readonly object[] = [
      {},
      { ...SWAP, role: "roof" },
      { ...SWAP, oldSerial: "" },
      { ...SWAP, newSerial: "with space" },
      { ...SWAP, newSerial: "x".repeat(33) },
      { ...SWAP, oldEndWh: [] },
      { ...SWAP, oldEndWh: [1, 2, 3] },
      { ...SWAP, newStartWh: [-1] },
      { ...SWAP, newStartWh: [1.5] },
      { ...SWAP, newStartWh: ["1"] },
    ];
    for (const body of bad) {
      const bytes = new TextEncoder().encode(JSON.stringify(body));
      assert.is(await post(socketPath, "/api/v1/meters/swap", bytes), "400 API_BAD_SWAP");
    }
    assert.is(await post(socketPath, "/api/v1/meters/swap", Uint8Array.of(123)), "400 API_BAD_SWAP");
    assert.is(await post(socketPath, "/api/v1/meters/swap", new Uint8Array(2_000)), "413 API_TOO_LONG");
    assert.equal(view.swaps, []);
  }));

test("refuses what is neither, by code and before it is read whole", ({ directory }) =>
  withServer(directory, { head: 3 }, async ({ socketPath, view }) => {
    const text = (json: string) => new TextEncoder().encode(json);
    assert.is(await post(socketPath, "/api/v1/ballot", text("{")), "400 API_BAD_BALLOT");
    assert.is(await post(socketPath, "/api/v1/ballot", text('{"candidate": 7}')), "400 API_BAD_BALLOT");
    assert.is(await post(socketPath, "/api/v1/ballot", text(`"${"x".repeat(300)}"`)), "413 API_TOO_LONG");
    assert.is(await post(socketPath, "/api/v1/transactions", Uint8Array.of(1)), "400 BAD_SHAPE");
    assert.is(
      await post(socketPath, "/api/v1/transactions", new Uint8Array(MAX_TRANSACTION_BYTES + 1)),
      "413 API_TOO_LONG",
    );
    assert.equal([view.ballots, view.taken], [[], []]);
  }));

test.run();
