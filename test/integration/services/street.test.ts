/** The services of a whole street on a clock that the test moves: what trades, what is refused, who takes office. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decodeCommitCertificate } from "../../../agent/core/consensus/certificateCodec.ts";
import { memberIdOf } from "../../../agent/core/membership/address.ts";
import { intervalEndMs } from "../../../agent/core/metering/interval.ts";
import { publicKeyOf } from "../../../agent/core/signature.ts";
import { height, intervalIndex } from "../../../agent/core/units.ts";
import { INTERVAL_MS, MemoryStreet, secretKeyOf } from "../../support/memoryStreet.ts";

const ENERGIES = { dep1: [700, 200], dep2: [300, 400], dep3: [0, 350], dep4: [100, 100] } as const;

const street = suite("a street of four");

async function withStreet(
  options: ConstructorParameters<typeof MemoryStreet>[0],
  run: (street: MemoryStreet) => Promise<void>,
): Promise<void> {
  const built = new MemoryStreet(options);
  await built.start();
  try {
    await run(built);
    for (const { name, faults } of built.gateways) assert.equal(faults, [], name);
  } finally {
    await built.stop();
  }
  await built.clock.advance(INTERVAL_MS);
  assert.is(built.clock.pendingCount(), 0, "a stopped agent sets no timer again");
}

async function heads(
  built: MemoryStreet,
  names = built.gateways.map((gateway) => gateway.name),
): Promise<Set<string>> {
  const statuses = await Promise.all(names.map((name) => built.gateway(name).agent.status()));
  return new Set(statuses.map(({ ledger }) => `${ledger.height} ${ledger.head}`));
}

street("commits one block per interval with the same head everywhere and trades excess against deficit", () =>
  withStreet({ gateways: 4 }, async (built) => {
    await built.pass(6, ENERGIES);
    assert.is((await heads(built)).size, 1);
    const { ledger } = await built.gateway("dep1").agent.status();
    assert.is(ledger.height, 4);
    const [view] = (await built.gateway("dep2").agent.intervals(height(3))) ?? [];
    assert.equal(view?.signal, { excessWh: 500, deficitWh: 450, unmetWh: 0, unsoldWh: 50 });
    assert.is(view?.stop, "no-deficit");
    const sold = view?.members.reduce((sum, member) => sum + member.soldWh, 0);
    assert.is(sold, 450);
    assert.equal(view?.trades.map(({ from, to, wh }) => `${from}>${to} ${wh}`).sort(), [
      "dep1>dep2 100",
      "dep1>dep3 350",
    ]);
  }),
);

street("of three settles no interval before its end when one clock is ahead", () =>
  withStreet({ gateways: 3, clockAheadMs: { dep1: 12 * INTERVAL_MS } }, async (built) => {
    const early: string[] = [];
    for (const { name, agent } of built.gateways)
      agent.onCommit(async (at) => {
        const atMs = built.clock.nowMs();
        const views = (await agent.intervals(at)) ?? [];
        for (const { interval } of views)
          if (intervalEndMs(intervalIndex(interval), INTERVAL_MS) > atMs) early.push(`${name}: ${interval}`);
      });
    await built.pass(8, ENERGIES);
    assert.equal(early, []);
    const { ledger } = await built.gateway("dep2").agent.status();
    assert.ok(ledger.height > 2, "the others went on");
  }),
);

street("keeps its DSO in office while it serves, and ends the term at termMax", () =>
  withStreet({ gateways: 4, termMax: 2 }, async (built) => {
    await built.pass(6, ENERGIES);
    const views = await Promise.all(
      [1, 2, 3, 4].map((at) => built.gateway("dep1").agent.intervals(height(at))),
    );
    const offices = views.map((view) => `${view?.[0]?.term} ${view?.[0]?.dso}`);
    assert.is(new Set(offices).size, 2);
    assert.is(offices[0], offices[1]);
    assert.is(offices[2], offices[3]);
    const { office } = await built.gateway("dep4").agent.status();
    assert.is(office?.mandate.kind, "term-end");
  }),
);

street("lists a member whose meter is silent as missing and settles the others", () =>
  withStreet({ gateways: 4 }, async (built) => {
    await built.pass(3, ENERGIES);
    built.gateway("dep3").consumption.fail("DRIVER_TIMEOUT");
    await built.pass(3, ENERGIES);
    const [view] = (await built.gateway("dep1").agent.intervals(height(4))) ?? [];
    const dep3 = view?.members.find((member) => member.name === "dep3");
    assert.equal(
      [dep3?.missing, dep3?.generatedWh, dep3?.consumedWh, dep3?.positionWh],
      [true, null, null, null],
    );
    assert.equal(view?.signal, { excessWh: 500, deficitWh: 100, unmetWh: 0, unsoldWh: 400 });
    assert.is((await heads(built)).size, 1);
  }),
);

street(
  "invents no energy for an adapter that was unplugged, and states it again once both ends are measured",
  () =>
    withStreet({ gateways: 4 }, async (built) => {
      await built.pass(3, ENERGIES);
      built.gateway("dep3").consumption.fail("DRIVER_PORT_GONE");
      await built.pass(2, ENERGIES);
      built.gateway("dep3").consumption.fail(null);
      await built.pass(4, ENERGIES);
      const views = await Promise.all(
        [2, 3, 4, 5, 6].map((at) => built.gateway("dep1").agent.intervals(height(at))),
      );
      const consumed = views.map(
        (view) => view?.[0]?.members.find((member) => member.name === "dep3")?.consumedWh,
      );
      assert.equal(consumed, [350, null, null, null, 350]);
    }),
);

street("recalls a DSO that is gone and skips no interval", () =>
  withStreet({ gateways: 4 }, async (built) => {
    await built.pass(3, ENERGIES);
    const before = await built.gateway("dep1").agent.status();
    const gone = before.office?.dsoName ?? "";
    const others = built.gateways.map(({ name }) => name).filter((name) => name !== gone);
    built.hub.partition(others, [gone]);
    await built.pass(5, ENERGIES);
    assert.is((await heads(built, others)).size, 1);
    const { office, ledger } = await built.gateway(others[0] ?? "").agent.status();
    assert.is.not(office?.dsoName, gone);
    assert.is(office?.term, 2);
    assert.is(office?.mandate.kind, "recall");
    assert.is(office?.mandate.signedBy.length, 3);
    const settled = [];
    for (let at = 1; at <= ledger.height; at += 1) {
      const views = (await built.gateway(others[0] ?? "").agent.intervals(height(at))) ?? [];
      settled.push(...views.map((view) => view.interval));
    }
    const first = built.genesis.body.firstInterval;
    assert.equal(
      settled,
      settled.map((_, index) => first + index),
    );
    assert.ok(settled.length >= 6, `${settled.length} intervals`);
  }),
);

street("orders curtailment of what is unmet when islanded and buys it when grid-tied", async () => {
  const short = { dep1: [100, 0], dep2: [0, 300], dep3: [0, 0], dep4: [0, 0] } as const;
  for (const mode of ["islanded", "grid-tied"] as const) {
    await withStreet({ gateways: 4, mode }, async (built) => {
      await built.pass(4, short);
      const [view] = (await built.gateway("dep1").agent.intervals(height(2))) ?? [];
      const dep2 = view?.members.find((member) => member.name === "dep2");
      assert.is(view?.signal.unmetWh, 200);
      assert.is(dep2?.curtailedWh, mode === "islanded" ? 200 : 0);
    });
  }
});

street("keeps a reading in the outbox until a block has it", () =>
  withStreet({ gateways: 4 }, async (built) => {
    await built.pass(3, ENERGIES);
    const { outboxReadings } = await built.gateway("dep1").agent.status();
    assert.is(outboxReadings, 1);
    await built.clock.advance(1_000);
    assert.is((await built.gateway("dep1").agent.status()).outboxReadings, 0);
    assert.is(built.gateway("dep1").outboxDisk.lastRelease?.height, 2);
  }),
);

street(
  "lets a gateway that was started before, but has no vote journal, follow until the ledger lets it vote",
  () =>
    withStreet({ gateways: 4, startedBefore: ["dep4"] }, async (built) => {
      await built.pass(1, ENERGIES);
      const { participation, observesBecause, observesCode, ledger } = await built
        .gateway("dep4")
        .agent.status();
      assert.is(participation, "observer");
      assert.is(observesCode, "AMNESIA");
      assert.match(
        observesBecause ?? "",
        /^amnesia: no vote journal, but the outbox knows of 1 earlier starts/,
      );
      assert.is(built.gateway("dep4").voteDisk.abstention?.code, "AMNESIA", "also after the next start");
      assert.is(ledger.height, 0);
      await built.pass(4, ENERGIES);
      assert.is((await heads(built)).size, 1);
      assert.is((await built.gateway("dep4").agent.status()).participation, "voter");
      const voters = built.context.voters.voters;
      for (const { height: at, certificate } of built.gateway("dep1").storeDisk.blocks) {
        const decoded = decodeCommitCertificate(certificate, at, voters);
        const signers = decoded.kind === "accept" ? decoded.value.signers.map(({ voter }) => voter) : [];
        assert.is(signers.length, 3);
        assert.not(signers.includes(memberIdOf(publicKeyOf(secretKeyOf("dep4")))));
      }
    }),
);

street.run();
