import { suite } from "uvu";
import * as assert from "uvu/assert";
import { refusalLedger, refusalRegister } from "../../../../../agent/adapters/transport/refusals.ts";
import { eventLog } from "../../../../support/eventLog.ts";

const test = suite("refusals");

test("counts by code from zero", () => {
  const ledger = refusalLedger(eventLog());
  ledger.count("TRANSPORT_FRAME_BROKEN", "12D3KooWneighbour");
  ledger.count("TRANSPORT_FRAME_BROKEN", "12D3KooWneighbour");
  assert.equal(ledger.counts(), {
    TRANSPORT_FRAME_BROKEN: 2,
    TRANSPORT_FRAME_UNDECODABLE: 0,
    TRANSPORT_ENVELOPE_SIGNED: 0,
    TRANSPORT_REQUEST_FLOODED: 0,
    TRANSPORT_REQUEST_CROWDED: 0,
    TRANSPORT_REQUEST_BROKEN: 0,
  });
});

test("logs the first of a code and each doubling, so that no neighbour fills the journal", () => {
  const log = eventLog();
  const ledger = refusalLedger(log);
  for (let times = 0; times < 1_000; times += 1) ledger.count("TRANSPORT_FRAME_UNDECODABLE");
  assert.equal(
    log.events.map(({ fields }) => fields.count),
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  );
  assert.equal(log.events[0], {
    level: "warn",
    event: "transport_refused",
    fields: { code: "TRANSPORT_FRAME_UNDECODABLE", count: 1, peerId: null },
  });
});

test("of gossipsub's invalid messages only the signed ones count here; a judge's verdicts do not", () => {
  const ledger = refusalLedger(eventLog());
  const gauge = refusalRegister(ledger, () => {}).gauge<{ error: string }>({
    name: "gossipsub_msg_received_invalid_total",
    help: "",
    labelNames: ["error"],
  });
  for (const error of ["reject", "ignore", "signature_present", "seqno_present", "from_present"])
    gauge.inc({ error });
  assert.is(ledger.counts().TRANSPORT_ENVELOPE_SIGNED, 3);
});

test.run();
