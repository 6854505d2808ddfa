/** `edso meter swap`: what the agent is told, and what a refusal means to the installer. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AgentError } from "../../../../agent/core/errors.ts";
import type { SwapRequest } from "../../../../agent/ports/governanceView.ts";
import { type CliOverrides, edso } from "../../../support/cliWorld.ts";
import { hashAt } from "../../../support/fakeAgentView.ts";

const ARGS = ["meter", "swap", "--socket", "x", "--role", "consumption", "--old", "11", "--new", "22"];
const REGISTERS = ["--old-end", "12345.6789", "--new-start", "0.5"];

const test = suite("edso meter swap");

test("tells the agent whole watt-hours, as a register is floored, and says what comes next", async () => {
  const { asked, run } = await ran([...ARGS, ...REGISTERS]);
  assert.is(run.exit, 0, run.error);
  assert.equal(asked, [
    { role: "consumption", oldSerial: "11", newSerial: "22", oldEndWh: [12_345_678], newStartWh: [500] },
  ]);
  assert.match(
    run.out,
    "the consumption meter of dep1 is 22 in place of 11; transaction 4 waits for a block",
  );
  assert.match(run.out, "put the new meter on the line");
});

test("takes import and export at the grid, and prints JSON", async () => {
  const { asked, run } = await ran([...ARGS, "--old-end", "1, 2.000", "--new-start", "0,0", "--json"]);
  assert.equal(
    [asked[0]?.oldEndWh, asked[0]?.newStartWh],
    [
      [1_000, 2_000],
      [0, 0],
    ],
  );
  assert.is(run.json().kind, "meter-swap");
});

test("is not understood with what is no register or serial number", async () => {
  const bad: readonly (readonly string[])[] = [
    [...ARGS, "--old-end", "12,3,4", "--new-start", "0"],
    [...ARGS, "--old-end", "-1", "--new-start", "0"],
    [...ARGS, "--old-end", "1e5", "--new-start", "0"],
    [...ARGS, "--old-end", "", "--new-start", "0"],
    [...ARGS, "--old-end", "1", "--new-start", "1 kWh"],
    [...ARGS, ...REGISTERS, "--new", "with space"],
    [...ARGS, ...REGISTERS, "--role", "roof"],
    ARGS,
  ];
  for (const args of bad) {
    const { asked, run } = await ran(args);
    assert.equal([run.exit, asked], [64, []], args.join(" "));
  }
});

for (const [code, hint] of [
  ["SWAP_NOT_METER", /serial number that are enrolled/],
  ["SWAP_BELOW_LAST", /read the old meter's end again/],
  ["SWAP_NOT_NOW", /trusted clock/],
] as const)
  test(`${code} is told with what to do`, async () => {
    const { run } = await ran([...ARGS, ...REGISTERS], code);
    assert.is(run.exit, 65);
    assert.match(run.error, "code: METER_SWAP_REFUSED");
    assert.match(run.error, code);
    assert.match(run.error, hint);
  });

test("what is no refusal of the swap stays what it is", async () => {
  const { run } = await ran([...ARGS, ...REGISTERS], "TRANSACTIONS_WAITING");
  assert.match(run.error, "code: API_REFUSED");
});

test.run();

async function ran(args: readonly string[], refusedWith?: string) {
  const asked: SwapRequest[] = [];
  const swapMeter = async (request: SwapRequest) => {
    if (refusedWith !== undefined)
      throw new AgentError("API_REFUSED", { status: 409, apiCode: refusedWith, reason: "11" });
    asked.push(request);
    return {
      schema: "edso.transaction/1",
      id: hashAt(9),
      signer: "dep1",
      sequence: 4,
      kind: "meter-swap",
    } as const;
  };
  const agentClient: NonNullable<CliOverrides["agentClient"]> = () =>
    new Proxy({ swapMeter } as never, {
      get: (client, name) => (name === "swapMeter" ? swapMeter : Reflect.get(client, name)),
    });
  return { asked, run: await edso(args, { agentClient }) };
}
