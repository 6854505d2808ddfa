/** A member that contradicts itself in a whole street: proven on the ledger by the others, and last in the order after. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { signBytesOf } from "../../../agent/core/consensus/message.ts";
import { hashOf } from "../../../agent/core/hash.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { intervalAt } from "../../../agent/core/metering/interval.ts";
import { readingSignBytes, type SignedReading } from "../../../agent/core/metering/reading.ts";
import { publicKeyOf, signMessage } from "../../../agent/core/signature.ts";
import { height, intervalIndex, round } from "../../../agent/core/units.ts";
import { encodeReadingMessage, encodeVoteMessage } from "../../../agent/core/wire.ts";
import { INTERVAL_MS, MemoryStreet, secretKeyOf } from "../../support/memoryStreet.ts";

const test = suite("evidence in a street");

const idOf = (name: string) => memberIdOf(publicKeyOf(secretKeyOf(name)));

const offences = async (street: MemoryStreet, name: string) =>
  (await street.gateway(name).agent.governance.evidence()).map(({ offender, kind }) => `${offender} ${kind}`);

test("two readings of one interval are on the ledger once, and neither is traded", async () => {
  const street = new MemoryStreet({ gateways: 4, termMax: 100 });
  await street.start();
  await street.pass(3, {});
  const { chainId, epoch } = street.context.roster;
  street.hub.dropWhere(({ from, channel }) => from === "dep4" && channel === "readings");
  await street.clock.advance(INTERVAL_MS + 20);
  const interval = intervalIndex(intervalAt(street.clock.nowMs(), INTERVAL_MS) - 1);
  const sent = (["port-gone", "meter-error"] as const).map((reason): SignedReading => {
    const reading = {
      member: idOf("dep4"),
      interval,
      sequence: 900,
      boot: 1,
      time: "synchronised",
      content: { kind: "missing", reason },
    } as const as SignedReading["reading"];
    return {
      reading,
      signature: signMessage(secretKeyOf("dep4"), readingSignBytes(reading, chainId, epoch)),
    };
  });
  street.hub.dropWhere(() => false);
  for (const signed of sent)
    for (const to of ["dep1", "dep2", "dep3"])
      street.hub.send({
        from: "dep4",
        to,
        channel: "readings",
        bytes: encodeReadingMessage(signed, chainId),
      });
  await street.clock.advance(10);
  await street.pass(5, {});
  for (const name of ["dep1", "dep2", "dep3"])
    assert.equal(await offences(street, name), ["dep4 readings"], name);
  await street.stop();
});

test("two votes of one voter are on the ledger, reported by another one", async () => {
  const street = new MemoryStreet({ gateways: 4, termMax: 100 });
  await street.start();
  await street.pass(3, {});
  const { roster, voters } = street.context;
  const { agreement } = await street.gateway("dep1").agent.status();
  for (const name of ["a", "b"]) {
    const place = { height: height(agreement.height), round: round(0) };
    const blockHash = hashOf(new TextEncoder().encode(name));
    const vote = { kind: "prepare", ...place, blockHash, voter: idOf("dep4") } as const;
    const signature = signMessage(secretKeyOf("dep4"), signBytesOf(vote, roster.chainId, roster.epoch));
    const bytes = encodeVoteMessage({ ...vote, signature }, roster.chainId, voters.voters);
    for (const to of ["dep1", "dep2", "dep3"]) street.hub.send({ from: "dep4", to, channel: "votes", bytes });
  }
  await street.pass(5, {});
  for (const name of ["dep1", "dep2", "dep3"])
    assert.equal(await offences(street, name), ["dep4 votes"], name);
  await street.stop();
});

test.run();
