// time limit: 180 s
/** The DSO's process is killed without warning: another takes office, and no interval is lost. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { demoLineFaults } from "../support/demoInvariants.ts";
import { buildProgram, type DemoLine, DemoProcess, edso } from "../support/demoProcess.ts";
import { withTemporaryDirectory } from "../support/temporaryDirectory.ts";

const killed = suite("a killed DSO");

killed.before(buildProgram);

killed("is followed by another with a higher term and a mandate, and no interval is skipped", () =>
  withTemporaryDirectory(async (directory) => {
    const dataDir = join(directory, "street");
    const street = new DemoProcess(dataDir, "--gateways", "4", "--intervals", "8", "--seed", "42");
    const before = await lineAfter(street, 2);
    const pid = (await street.gateways()).get(before.dso);
    assert.ok(pid, `${before.dso} runs`);
    process.kill(pid ?? 0, "SIGKILL");
    const after = await lineAfter(street, before.height + 3);
    const witness = Object.keys(after.heads).find((name) => name !== before.dso) ?? "";
    const status = await edso("status", "--config", join(dataDir, witness, "edso.yaml"), "--json");
    assert.is(status.code, 0, status.stderr);
    const { office } = JSON.parse(status.stdout);
    assert.is.not(office.dsoName, before.dso);
    assert.ok(office.term > before.term, `term ${office.term}`);
    assert.is(office.mandate.kind, "recall");
    assert.ok(office.mandate.signedBy.length >= 3, "a quorum signed the mandate");
    assert.not(office.mandate.signedBy.includes(before.dso));
    assert.is(await street.ended(), 0, street.stderr);
    assert.match(street.stderr, new RegExp(`${before.dso}.*SIGKILL`));
    const { lines } = street;
    assert.equal(
      lines.map((line) => line.interval),
      lines.map((_, index) => (lines[0]?.interval ?? 0) + index),
    );
    assert.is(lines.length, 8);
    assert.equal(lines.flatMap(demoLineFaults), []);
    for (const name of Object.keys(after.heads)) {
      const verified = await edso("ledger", "verify", "--data", join(dataDir, name));
      assert.is(verified.code, 0, verified.stdout + verified.stderr);
    }
  }),
);

killed.run();

/** Waits for the line of a height; the runner's time limit bounds the wait. */
async function lineAfter(street: DemoProcess, height: number): Promise<DemoLine> {
  for (;;) {
    const line = street.lines.find((candidate) => candidate.height >= height);
    if (line !== undefined) return line;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
