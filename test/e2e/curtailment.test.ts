// time limit: 300 s
/** A street that is short of energy, as shipped: ordered, acknowledged, obeyed by those whose loads follow, and not by one. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { demoLineFaults } from "../support/demoInvariants.ts";
import { buildProgram, DemoProcess, edso } from "../support/demoProcess.ts";
import { withTemporaryDirectory } from "../support/temporaryDirectory.ts";

const DEFIANT = "dep2";
/** A machine that is overloaded may be late with an acknowledgement or a limit once in a while. */
const MOST = 0.75;
/** A load that ignores its limit may happen to be small. */
const HALF = 0.5;

const curtailment = suite("curtailment in the demo");

curtailment.before(buildProgram);

curtailment("orders are acknowledged and obeyed, but for the loads of one, and every ledger says so", () =>
  withTemporaryDirectory(async (directory) => {
    const dataDir = join(directory, "street");
    const options = ["--intervals", "8", "--interval-seconds", "10", "--seed", "42", "--scarce"];
    const street = new DemoProcess(dataDir, ...options, "--defiant", DEFIANT);
    assert.is(await street.ended(), 0, street.stderr);
    assert.equal(street.lines.flatMap(demoLineFaults), []);
    const judged = street.lines.flatMap(({ members }) =>
      members.flatMap(({ name, order }) => (order === null ? [] : [{ name, ...order }])),
    );
    const shareOf = (of: typeof judged, holds: (order: (typeof judged)[number]) => boolean) =>
      of.filter(holds).length / of.length;
    const obedient = judged.filter(({ name }) => name !== DEFIANT);
    const defiant = judged.filter(({ name }) => name === DEFIANT);
    assert.ok(obedient.length >= 9, `${obedient.length} orders to the obedient`);
    assert.ok(defiant.length >= 3, `${defiant.length} orders to the defiant`);
    assert.ok(judged.every(({ kind, maxWh }) => kind === "consumption" && maxWh >= 0));
    assert.ok(shareOf(judged, ({ acknowledged }) => acknowledged) >= MOST, "acknowledged");
    assert.ok(shareOf(obedient, ({ result }) => result === "complied") >= MOST, "obeyed");
    assert.ok(
      shareOf(defiant, ({ acknowledged, result }) => acknowledged && result === "exceeded") >= HALF,
      "acknowledged in good faith, and exceeded by the meters",
    );
    const verified = await edso("ledger", "verify", "--data", join(dataDir, DEFIANT), "--json");
    assert.is(verified.code, 0, verified.stderr);
    const trades = await edso("trades", "--data", join(dataDir, "dep1"), "--json");
    const { orders } = JSON.parse(trades.stdout);
    assert.equal(
      orders.map((order: { member: string; result: string }) => `${order.member} ${order.result}`).sort(),
      judged.map(({ name, result }) => `${name} ${result}`).sort(),
    );
  }),
);

curtailment.run();
