import { chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSigner } from "../../../../agent/adapters/signer/fileSigner.ts";
import { createKeys, loadKeys } from "../../../../agent/adapters/signer/keyFiles.ts";
import { failsWith } from "../../../support/failure.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const FILES = ["ledger.key", "records.key", "transport.key"] as const;
/** The order of P-256. @source SEC 2 §2.4.2 */
const N = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

const test = suite("keyFiles");

function withKeys(use: (directory: string) => Promise<void>) {
  return () =>
    withTemporaryDirectory(async (parent) => {
      const directory = join(parent, "nested", "keys");
      await createKeys(directory);
      await use(directory);
    });
}

test("what was created is what is loaded, and signs", () =>
  withTemporaryDirectory(async (parent) => {
    const directory = join(parent, "keys");
    const created = await createKeys(directory);
    assert.equal(await loadKeys(directory), created);
    assert.is(openSigner(created.ledger).publicKey.length, 33);
  }));

test(
  "three files of 64 digits and a newline, 0600, in a directory 0700",
  withKeys(async (directory) => {
    assert.equal((await readdir(directory)).sort(), [...FILES]);
    assert.is((await stat(directory)).mode & 0o777, 0o700);
    for (const name of FILES) {
      assert.is((await stat(join(directory, name))).mode & 0o777, 0o600);
      assert.match(await readFile(join(directory, name), "latin1"), /^[0-9a-f]{64}\n$/);
    }
  }),
);

test("the umask neither opens nor closes the files", () =>
  withTemporaryDirectory(async (parent) => {
    const umask = process.umask(0o377);
    try {
      await createKeys(parent);
    } finally {
      process.umask(umask);
    }
    for (const name of FILES) assert.is((await stat(join(parent, name))).mode & 0o777, 0o600);
  }));

test("two gateways never get the same keys, nor one gateway the same key twice", () =>
  withTemporaryDirectory(async (parent) => {
    const all = [await createKeys(join(parent, "a")), await createKeys(join(parent, "b"))].flatMap((keys) =>
      Object.values(keys).map((key) => Buffer.from(key).toString("hex")),
    );
    assert.is(new Set(all).size, 6);
  }));

for (const name of FILES) {
  test(
    `creating again is refused and changes nothing when ${name} is there`,
    withKeys(async (directory) => {
      for (const other of FILES) if (other !== name) await rm(join(directory, other));
      const before = await readFile(join(directory, name), "latin1");
      const error = await failsWith(() => createKeys(directory), "KEY_FILE_EXISTS");
      assert.is(error.detail.path, join(directory, name));
      assert.equal(await readdir(directory), [name]);
      assert.is(await readFile(join(directory, name), "latin1"), before);
    }),
  );

  test(
    `a missing ${name} is named, with what to do`,
    withKeys(async (directory) => {
      await rm(join(directory, name));
      const error = await failsWith(() => loadKeys(directory), "KEY_FILE_MISSING");
      assert.is(error.detail.path, join(directory, name));
      assert.match(String(error.detail.fix), "edso init");
    }),
  );

  for (const mode of [0o640, 0o604, 0o620, 0o602, 0o610, 0o601]) {
    test(
      `${name} with mode ${mode.toString(8)} is refused`,
      withKeys(async (directory) => {
        await chmod(join(directory, name), mode);
        const error = await failsWith(() => loadKeys(directory), "KEY_FILE_MODE");
        assert.is(error.detail.path, join(directory, name));
        assert.match(String(error.detail.fix), "chmod 0600");
      }),
    );
  }

  test(
    `a symbolic link instead of ${name} is refused`,
    withKeys(async (directory) => {
      await rename(join(directory, name), join(directory, "elsewhere"));
      await symlink("elsewhere", join(directory, name));
      await failsWith(() => loadKeys(directory), "KEY_FILE_MALFORMED");
    }),
  );
}

const hex = "ab".repeat(32);
for (const [what, content] of [
  ["empty", ""],
  ["one digit short", `${hex.slice(1)}\n`],
  ["one digit long", `${hex}a\n`],
  ["two lines", `${hex}\n\n`],
  ["upper case", `${hex.toUpperCase()}\n`],
  ["binary", "\u0000".repeat(32)],
  ["prefixed", `0x${hex.slice(2)}\n`],
  ["very long", "a".repeat(100_000)],
] as const) {
  test(
    `a key file that is ${what} is malformed, and the error does not print it`,
    withKeys(async (directory) => {
      await writeFile(join(directory, "transport.key"), content);
      const error = await failsWith(() => loadKeys(directory), "KEY_FILE_MALFORMED");
      assert.is(error.detail.path, join(directory, "transport.key"));
      assert.not.ok(error.message.includes(hex.slice(2, 32)));
    }),
  );
}

for (const [what, secret] of [
  ["zero", "0".repeat(64)],
  ["n", N],
] as const) {
  test(
    `a ledger key of ${what} is malformed`,
    withKeys(async (directory) => {
      await writeFile(join(directory, "ledger.key"), `${secret}\n`);
      await failsWith(() => loadKeys(directory), "KEY_FILE_MALFORMED");
    }),
  );
}

test(
  "one secret in two files is malformed",
  withKeys(async (directory) => {
    await writeFile(join(directory, "records.key"), await readFile(join(directory, "ledger.key")));
    await failsWith(() => loadKeys(directory), "KEY_FILE_MALFORMED");
  }),
);

test(
  "a directory instead of a key file is malformed",
  withKeys(async (directory) => {
    await rm(join(directory, "ledger.key"));
    await mkdir(join(directory, "ledger.key"), { mode: 0o700 });
    await failsWith(() => loadKeys(directory), "KEY_FILE_MALFORMED");
  }),
);

test(
  "files of another user are refused",
  withKeys(async (directory) => {
    const another = process.geteuid!() + 1;
    const error = await failsWith(() => loadKeys(directory, another), "KEY_FILE_MODE");
    assert.is(error.detail.wantedUid, another);
  }),
);

test(
  "a directory others may write to is refused, one they may read is not",
  withKeys(async (directory) => {
    await chmod(directory, 0o770);
    await failsWith(() => loadKeys(directory), "KEY_FILE_MODE");
    await failsWith(() => createKeys(directory), "KEY_FILE_MODE");
    await chmod(directory, 0o755);
    await loadKeys(directory);
  }),
);

test("no directory means no keys; a file in its place is an error of the path", () =>
  withTemporaryDirectory(async (parent) => {
    await failsWith(() => loadKeys(join(parent, "none")), "KEY_FILE_MISSING");
    await writeFile(join(parent, "file"), "");
    await failsWith(() => createKeys(join(parent, "file")), "KEY_FILE_IO");
    await failsWith(() => loadKeys(join(parent, "file")), "KEY_FILE_MALFORMED");
  }));

test.run();
