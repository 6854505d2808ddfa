import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSigner } from "../../../../../agent/adapters/signer/fileSigner.ts";
import { fromHex, toHex } from "../../../../../agent/core/bytes.ts";
import { isAgentError } from "../../../../../agent/core/errors.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** @source RFC 6979 §A.2.5, P-256 with SHA-256 */
const SECRET = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
const PUBLIC_KEY = "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
const R_OF_TEST = "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367";
const S_OF_TEST = "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083";
const R_OF_SAMPLE = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
const S_OF_SAMPLE = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
/** @source SEC 2 §2.4.2 */
const N = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

const test = suite("fileSigner");

test("has the public key of its secret", () => {
  assert.is(toHex(openSigner(fromHex(SECRET)).publicKey), PUBLIC_KEY);
});

test("signs as the standard's example does", async () => {
  assert.is(toHex(await openSigner(fromHex(SECRET)).sign(text("test"))), R_OF_TEST + S_OF_TEST);
});

test("turns a high s into n − s", async () => {
  const lowS = (BigInt(`0x${N}`) - BigInt(`0x${S_OF_SAMPLE}`)).toString(16).padStart(64, "0");
  assert.is(toHex(await openSigner(fromHex(SECRET)).sign(text("sample"))), R_OF_SAMPLE + lowS);
});

test("keeps its own copy of the secret", async () => {
  const secret = fromHex(SECRET);
  const signer = openSigner(secret);
  secret.fill(7);
  assert.is(toHex(await signer.sign(text("test"))), R_OF_TEST + S_OF_TEST);
});

for (const [what, secret] of [
  ["zero", "0".repeat(64)],
  ["n", N],
  ["31 bytes", SECRET.slice(2)],
] as const) {
  test(`refuses a secret that is ${what}, and tells nothing of it`, () => {
    try {
      openSigner(fromHex(secret));
    } catch (error) {
      assert.ok(isAgentError(error));
      assert.is(error.code, "SIGNER_SECRET_RANGE");
      assert.is(error.cause, undefined);
      assert.not.ok(error.message.includes(secret));
      return;
    }
    assert.unreachable();
  });
}

test.run();
