import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MAX_SUNSPEC_MODELS, SUNSPEC_BASES, walkSunspec } from "../../../drivers/sunspec.ts";
import { registerSpace } from "../../support/registerSpace.ts";
import { common, oneDevice, putModels, SOLAREDGE, solarEdge } from "../../support/sunspecDevice.ts";

const test = suite("drivers/sunspec");

for (const base of SUNSPEC_BASES)
  test(`a chain is found at ${base}`, async () => {
    const chain = await walkSunspec(oneDevice(base, [[103, 50]]).read);
    assert.equal([chain?.base, chain?.end], [base, "end-marker"]);
    assert.equal(chain?.devices[0]?.models, [{ id: 103, address: base + 2 + 68, length: 50 }]);
  });

test("a device without the marker has no chain, and three reads tell", async () => {
  const space = registerSpace();
  space.put(40_000, [0x5375, 0x6e54]);
  assert.is(await walkSunspec(space.read), null);
  assert.is(space.asked.length, 3);
});

test("a common block of 65 registers puts the models where SolarEdge has them, and a second one begins a device", async () => {
  const chain = await walkSunspec(solarEdge().read);
  assert.equal(
    chain?.devices.map(({ address, common: { maker, model, meterSerial }, models }) => [
      address,
      maker,
      model,
      meterSerial,
      models.map(({ id, address: at }) => `${id}@${at}`).join(" "),
    ]),
    [
      [40_002, "SolarEdge", "SE7K-RW0TEBEN4", "7E1234AB", `103@${SOLAREDGE.inverter}`],
      [SOLAREDGE.meterCommon, "WattNode", "WNC-3D-400-MB", "4151234", `203@${SOLAREDGE.meter}`],
    ],
  );
});

test("an unknown model is skipped by its length", async () => {
  const chain = await walkSunspec(
    oneDevice(40_000, [
      [64_999, 7],
      [103, 50],
    ]).read,
  );
  assert.equal(
    chain?.devices[0]?.models.map(({ id, address }) => [id, address]),
    [
      [64_999, 40_070],
      [103, 40_079],
    ],
  );
});

test("a chain may end with zero, and with a refusal where reading two registers leaves the device", async () => {
  const zero = oneDevice(40_000, [[103, 50]]);
  zero.put(40_122, [0, 0]);
  assert.is((await walkSunspec(zero.read))?.end, "zero");
  const kostal = registerSpace();
  kostal.put(40_000, [0x5375, 0x6e53]);
  const end = putModels(kostal, 40_002, [
    [1, 66, common("KOSTAL", "Plenticore", "1")],
    [103, 50],
  ]);
  kostal.put(end, [0]);
  const chain = await walkSunspec(kostal.read);
  assert.equal([chain?.end, chain?.devices[0]?.models.length], ["refused", 1]);
});

test("a length that leaves the address space, a zero length, and a common block of 15 end the chain with what was sure", async () => {
  for (const [id, length] of [
    [160, 0xffff],
    [160, 0],
    [1, 15],
  ] as const) {
    const space = oneDevice(40_000, [[103, 50]]);
    space.put(40_122, [id, length]);
    const chain = await walkSunspec(space.read);
    assert.equal([chain?.end, chain?.devices.length, chain?.devices[0]?.models.length], ["bad-length", 1, 1]);
  }
});

test("a chain without a common block is nobody's", async () => {
  const space = registerSpace();
  space.put(40_000, [0x5375, 0x6e53]);
  putModels(space, 40_002, [[103, 50]]);
  assert.is(await walkSunspec(space.read), null);
});

test(`a chain of more than ${MAX_SUNSPEC_MODELS} models is cut off`, async () => {
  const models = Array.from({ length: 100 }, () => [64_999, 1] as const);
  const chain = await walkSunspec(oneDevice(40_000, models).read);
  assert.equal([chain?.end, chain?.devices[0]?.models.length], ["too-long", MAX_SUNSPEC_MODELS - 1]);
});

test("a maker's name with an escape sequence in it is no name", async () => {
  const space = oneDevice(40_000, [[103, 50]], "\x1b[2Jowned");
  assert.is((await walkSunspec(space.read))?.devices[0]?.common.maker, null);
});

test("whatever a device answers, the walk ends, reads within the address space, and finds models that do not overlap", async () => {
  const property = fc.asyncProperty(fc.infiniteStream(fc.nat(0xffff)), async (words) => {
    let reads = 0;
    const chain = await walkSunspec(async ({ address, count }) => {
      reads++;
      assert.ok(address >= 0 && address + count <= 0x10000);
      if (address === 40_000) return [0x5375, 0x6e53];
      return Array.from({ length: count }, () => words.next().value % (reads % 3 === 0 ? 0x10000 : 200));
    });
    assert.ok(reads <= 4 + 4 * MAX_SUNSPEC_MODELS, String(reads));
    const models = chain?.devices.flatMap((device) => device.models) ?? [];
    for (const [index, { address, length }] of models.entries())
      assert.ok(address + 2 + length <= (models[index + 1]?.address ?? 0x10000));
  });
  await fc.assert(property, { numRuns: 300 });
});

test.run();
