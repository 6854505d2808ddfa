/** `edso recover renounce` and `edso admin recover`: what they write and tell, and what they refuse to sign. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { statusText } from "../../../../agent/cli/statusText.ts";
import { encodeReport, readReport } from "../../../../agent/core/ledger/chain/recoveryReport.ts";
import { openGenesisFile } from "../../../../agent/core/membership/genesisFile.ts";
import { verify } from "../../../support/chainBuilder.ts";
import { agreedStreet, type CliStreet, copyOf, stopped } from "../../../support/cliStreet.ts";
import { edso, identityOf, writeConfig } from "../../../support/cliWorld.ts";
import { statusAt } from "../../../support/fakeAgentView.ts";
import { adminRecover, loseVoteJournal, renounceGateway, reportsOf } from "../../../support/recovery.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const test = suite("recover");
let agreed: CliStreet;
test.before(async () => {
  agreed = await agreedStreet();
});

test("renounce writes the report and says what to do with it", () =>
  withTemporaryDirectory(async (directory) => {
    await writeConfig(directory);
    const out = join(directory, "dep1.report");
    const renounceEpoch = () => renounceGateway(agreed.street, "dep1");
    const args = ["recover", "renounce", "--data", directory, "--out", out];
    const run = await edso(args, { renounceEpoch });
    assert.is(run.exit, 0, run.error);
    assert.match(run.out, /^renounced epoch 0: this gateway signs no vote of it any more/);
    assert.match(run.out, / {2}counts {2}yes\n/);
    const read = readReport(Uint8Array.from(await readFile(out)));
    assert.is(read.kind, "accept");
    const again = await edso([...args, "--json"], { renounceEpoch });
    assert.is(again.errorJson().code, "CLI_FILE_EXISTS");
  }));

test("renounce tells a gateway that may have forgotten votes that its report does not count", () =>
  withTemporaryDirectory(async (directory) => {
    await writeConfig(directory);
    const { street } = await agreedStreet();
    loseVoteJournal(street.gateway("dep2"));
    const args = ["recover", "renounce", "--data", directory, "--out", join(directory, "report"), "--json"];
    const run = await edso(args, { renounceEpoch: () => renounceGateway(street, "dep2") });
    assert.is(run.json().sound, false);
    assert.match(String(run.json().because), /^amnesia/);
  }));

test("admin recover signs the next epoch, and tells what it adopted", () =>
  withTemporaryDirectory(async (directory) => {
    const reports = await reportsOf(agreed.street, ["dep1"]);
    const run = await adminRecover(agreed.street, directory, { reports, blocks: agreed.disk });
    assert.is(run.exit, 0, run.error);
    const { length } = agreed.disk.blocks;
    assert.match(run.out, `epoch 1 of microgrid test-street goes on after height ${length}\n`);
    assert.match(run.out, / {2}reports {2}dep1: 1 that count, of 1 needed among 2 voters\n/);
    assert.match(run.out, / {2}proven {3}every block that was decided is in the chain\n/);
    const file = openGenesisFile(await run.genesis(), verify);
    assert.is(file.kind === "accept" && file.value.recoveries[0]?.recovery.head.height, length);
  }));

test("ledger verify takes the genesis of the new epoch", () =>
  withTemporaryDirectory(async (directory) => {
    const reports = await reportsOf(agreed.street, ["dep1"]);
    const run = await adminRecover(agreed.street, directory, { reports, blocks: agreed.disk });
    await writeConfig(directory);
    await mkdir(join(directory, "ledger"));
    await writeFile(join(directory, "genesis.cbor"), await run.genesis());
    const verified = await edso(["ledger", "verify", "--data", directory, "--json"], {
      verify,
      ...stopped(agreed.disk, agreed.release),
    });
    assert.is(verified.json().height, agreed.disk.blocks.length, verified.error);
  }));

const recoverWith = (
  changes: (report: Uint8Array) => Readonly<Record<string, Uint8Array>>,
  rest: readonly string[] = [],
  blocks: (disk: CliStreet["disk"]) => CliStreet["disk"] | null = (disk) => disk,
) =>
  withTemporaryDirectory(async (directory) => {
    const { dep1 = new Uint8Array() } = await reportsOf(agreed.street, ["dep1"]);
    const given = { reports: changes(dep1), blocks: blocks(agreed.disk), rest: [...rest, "--json"] };
    const run = await adminRecover(agreed.street, directory, given);
    return run.exit === 0 ? run.json() : run.errorJson();
  });

/** The report of dep1 as dep2 would like it to be. */
function forged(bytes: Uint8Array): Uint8Array {
  const read = readReport(bytes);
  if (read.kind !== "accept") throw new Error(read.code);
  const { report, signature } = read.value;
  const other = agreed.street.context.roster.members.find(({ name }) => name === "dep2");
  return encodeReport({ report: { ...report, member: other?.id ?? report.member }, signature });
}

test("a forged report is refused by name, and nothing is signed", async () => {
  const told = await recoverWith((report) => ({ dep1: report, dep2: forged(report) }));
  assert.is(told.code, "RECOVERY_REPORT_REFUSED");
  assert.match(String(told.why), /dep2\.report: BAD_SIGNATURE/);
});

test("a report that is none is refused", async () => {
  const told = await recoverWith(() => ({ dep1: Uint8Array.of(1, 2, 3) }));
  assert.is(told.code, "RECOVERY_REPORT_REFUSED");
});

test("without the reporter's blocks its head is not believed", async () => {
  const told = await recoverWith(
    (dep1) => ({ dep1 }),
    [],
    () => null,
  );
  assert.is(told.code, "RECOVERY_BLOCKS_SHORT");
});

test("blocks that are no sound chain are refused", async () => {
  const spoilt = () => {
    const disk = copyOf(agreed);
    disk.blocks[1]?.certificate.fill(7, -64);
    return disk;
  };
  assert.is((await recoverWith((dep1) => ({ dep1 }), [], spoilt)).code, "RECOVERY_BLOCKS_DAMAGED");
});

test("one voter cannot report twice, nor be lost and report, and who is unknown is not lost", async () => {
  const refusals = await Promise.all([
    recoverWith((dep1) => ({ dep1, again: dep1 })),
    recoverWith((dep1) => ({ dep1 }), ["--lost", "dep1"]),
    recoverWith((dep1) => ({ dep1 }), ["--lost", "dep9"]),
  ]);
  assert.equal(
    refusals.map(({ code, why }) => `${code} ${why}`),
    [
      "RECOVERY_REFUSED RECOVERY_TWO_REPORTS dep1",
      "RECOVERY_REFUSED RECOVERY_LOST_REPORTS dep1",
      "RECOVERY_REFUSED there is no member dep9",
    ],
  );
});

test("with too few sound reports only --force signs, and the genesis says so", async () => {
  const { street, disk } = await agreedStreet();
  loseVoteJournal(street.gateway("dep1"));
  await withTemporaryDirectory(async (directory) => {
    const given = { reports: await reportsOf(street, ["dep1"]), blocks: disk };
    const refused = await adminRecover(street, directory, { ...given, rest: ["--json"] });
    assert.is(refused.exit, 65);
    assert.is(refused.errorJson().code, "RECOVERY_TOO_FEW");
    assert.match(String(refused.errorJson().why), /of 2 voters 1 sound reports .* there are 0, 1 too few/);
    const forced = await adminRecover(street, directory, { ...given, rest: ["--force"] });
    assert.is(forced.exit, 0, forced.error);
    assert.match(forced.out, /UNPROVEN too few reports/);
    const file = openGenesisFile(await forced.genesis(), verify);
    assert.is(file.kind === "accept" && file.value.recoveries[0]?.recovery.isProven, false);
  });
});

test("only the GridAdmin of the genesis signs", () =>
  withTemporaryDirectory(async (directory) => {
    const reports = await reportsOf(agreed.street, ["dep1"]);
    await adminRecover(agreed.street, directory, { reports, blocks: agreed.disk });
    const paths = ["genesis.cbor", "blocks.cbor", "dep1.report", "other.cbor"].map((name) =>
      join(directory, name),
    );
    const [genesis = "", blocks = "", report = "", out = ""] = paths;
    const args = ["admin", "recover", report, "--genesis", genesis, "--blocks", blocks, "--out", out];
    const run = await edso([...args, "--admin-keys", "x", "--json"], {
      verify,
      loadIdentity: async () => identityOf("x"),
    });
    assert.is(run.errorJson().code, "RECOVERY_NOT_ADMIN");
    assert.is(run.exit, 77);
  }));

test("status says after which height the street was recovered, by whom, and that it is unproven", () => {
  const recovery = { proven: false, afterHeight: 812, reporters: ["dep1"], lost: ["dep4"] };
  const status = statusAt(813);
  assert.not.match(statusText(status, false), /epoch {8}/);
  const told = statusText({ ...status, epoch: { ...status.epoch, number: 1, recovery } }, false);
  assert.match(
    told,
    / {2}epoch {8}1, recovered after height 812 by reports of dep1; declared lost: dep4; unproven/,
  );
});

test.run();
