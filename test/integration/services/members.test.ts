/** Households that come and go in a running street: let in by the ledger, metered, voting, and let go again. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { TransportError } from "../../../agent/adapters/transport/transportError.ts";
import { GRID_ADMIN, type TransactionContent } from "../../../agent/core/ledger/state/transaction.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { publicKeyOf } from "../../../agent/core/signature.ts";
import { signTransaction } from "../../support/chainBuilder.ts";
import { enrolmentOf, MemoryStreet, secretKeyOf } from "../../support/memoryStreet.ts";
import { wrappedTransport } from "../../support/wrappedTransport.ts";

const test = suite("members of a running street");

const idOf = (name: string) => memberIdOf(publicKeyOf(secretKeyOf(name)));
const ENERGIES = { dep1: [700, 200], dep2: [300, 400], dep5: [0, 300] } as const;

function asAdmin(street: MemoryStreet, sequence: number, content: TransactionContent) {
  const signed = signTransaction(street.context, { signer: GRID_ADMIN, sequence, content });
  assert.is(street.gateway("dep1").agent.governance.take(signed).kind, "accept");
}

const statusOf = (street: MemoryStreet, name: string) => street.gateway(name).agent.status();

test("a newcomer waits, is let in by the ledger, catches up, is settled and votes; revoked, it is let go", async () => {
  const street = new MemoryStreet({ gateways: 5, newcomers: ["dep5"], termMax: 100 });
  await street.start();
  await street.pass(3, ENERGIES);
  const waiting = await statusOf(street, "dep5");
  assert.equal(
    [waiting.participation, waiting.observesCode, waiting.ledger.height],
    ["observer", "NOT_A_VOTER", 0],
  );
  assert.is(street.gateway("dep5").outboxDisk.pending.size, 0, "nobody would take its readings");
  asAdmin(street, 1, {
    kind: "roster",
    change: { kind: "admit", enrolment: enrolmentOf("dep5"), isVoter: true },
  });
  await street.pass(7, ENERGIES);
  const admitted = await statusOf(street, "dep5");
  const first = await statusOf(street, "dep1");
  assert.equal([admitted.participation, admitted.ledger.head], ["voter", first.ledger.head]);
  assert.equal([first.voters.total, first.voters.quorum], [5, 4]);
  const intervals = await street.gateway("dep1").agent.intervals(first.ledger.height as never);
  const bought = intervals?.[0]?.members.find(({ name }) => name === "dep5")?.boughtWh;
  assert.is(bought, 300);
  const voted = street.gateway("dep5").voteDisk.written.filter(({ message }) => message.kind === "commit");
  assert.ok(voted.length > 0);
  asAdmin(street, 2, { kind: "roster", change: { kind: "revoke", member: idOf("dep5") } });
  await street.pass(5, ENERGIES);
  const left = await statusOf(street, "dep1");
  assert.equal([left.voters.total, left.voters.quorum], [4, 3]);
  const { head } = (await statusOf(street, "dep5")).ledger;
  await street.pass(2, ENERGIES);
  assert.is((await statusOf(street, "dep5")).ledger.head, head, "nobody talks to it any more");
  assert.ok((await statusOf(street, "dep1")).ledger.height > left.ledger.height);
  await street.stop();
});

test("an admission with an address that is none ends nobody", async () => {
  const street = new MemoryStreet({
    gateways: 4,
    termMax: 100,
    wrapTransport: (_name, transport) =>
      wrappedTransport(transport, {
        setRoster: (roster) => {
          if (roster.some(({ peerId }) => peerId === "dep5"))
            throw new TransportError("TRANSPORT_ADDRESS", {});
          transport.setRoster(roster);
        },
      }),
  });
  await street.start();
  await street.pass(2, {});
  asAdmin(street, 1, {
    kind: "roster",
    change: { kind: "admit", enrolment: enrolmentOf("dep5"), isVoter: false },
  });
  await street.pass(4, {});
  for (const { name, faults, log } of street.gateways) {
    assert.equal(faults, [], name);
    assert.ok(log.events.some(({ event }) => event === "roster.not-followed"));
  }
  assert.ok((await statusOf(street, "dep1")).ledger.height >= 4);
  await street.stop();
});

test("a transaction of the GridAdmin is taken once, and one that nobody may ask for has no effect", async () => {
  const street = new MemoryStreet({ gateways: 4, termMax: 100 });
  await street.start();
  await street.pass(2, {});
  asAdmin(street, 1, { kind: "roster", change: { kind: "suspend", member: idOf("dep4") } });
  await street.pass(3, {});
  const again = signTransaction(street.context, {
    signer: GRID_ADMIN,
    sequence: 1,
    content: { kind: "present" },
  });
  const refused = street.gateway("dep1").agent.governance.take(again);
  assert.equal(refused.kind === "accept" ? "accept" : refused.code, "TRANSACTION_REPLAYED");
  const { voters } = await statusOf(street, "dep1");
  assert.is(voters.total, 4);
  assert.is((await street.gateway("dep1").agent.governance.dso()).nextAdminSequence, 2);
  await street.stop();
});

test.run();
