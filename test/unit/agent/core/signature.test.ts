/** What is signed, what is acceptable, and that no signature holds anywhere but in its own place. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nodeVerifier } from "../../../../agent/adapters/signer/nodeVerifier.ts";
import { fromHex, toHex } from "../../../../agent/core/bytes.ts";
import { type Hash, hashOf } from "../../../../agent/core/hash.ts";
import {
  isAcceptable,
  publicKeyOf,
  type SignDomain,
  type SignedType,
  signBytes,
  signMessage,
  verifySignature,
} from "../../../../agent/core/signature.ts";

/** @source FIPS 186-5 / SEC 2, §2.4.2: order of the curve P-256 */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
/** @source RFC 6979 §A.2.5 */
const RFC_KEY = fromHex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
const RFC_PUBLIC_X = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
/** Its y ends in an odd digit: 7903fe10…d4462299. */
const RFC_PUBLIC = fromHex(`03${RFC_PUBLIC_X}`);

const TYPES: readonly SignedType[] = [
  "reading",
  "enrolment",
  "genesis",
  "transaction",
  "proposal",
  "prepare",
  "commit",
  "round-change",
];
const CHAIN = "11".repeat(32) as Hash;
const OTHER_CHAIN = "12".repeat(32) as Hash;
const DIGEST = "ab".repeat(32) as Hash;

const domain: SignDomain = { type: "prepare", chainId: CHAIN, epoch: 1, height: 258, round: 3 };

const hex64 = (value: bigint) => value.toString(16).padStart(64, "0");
const ascii = (value: string) => toHex(new TextEncoder().encode(value));

const layout = suite("sign bytes");

layout("are prefix, type, a zero byte, chain, epoch, height, round and digest", () => {
  const byHand = [
    "4544534f2f312f", // EDSO/1/
    "70726570617265", // prepare
    "00",
    "11".repeat(32),
    "0000000000000001",
    "0000000000000102",
    "0000000000000003",
    "ab".repeat(32),
  ].join("");
  assert.is(toHex(signBytes(domain, DIGEST)), byHand);
});

layout("carry each type's own name", () => {
  for (const type of TYPES) {
    const expected = `4544534f2f312f${ascii(type)}00${"11".repeat(32)}`;
    assert.ok(toHex(signBytes({ ...domain, type }, DIGEST)).startsWith(expected), type);
  }
});

layout("hold integers up to 2^53 − 1", () => {
  const signed = toHex(signBytes({ ...domain, height: 2 ** 53 - 1 }, DIGEST));
  assert.ok(signed.includes("001fffffffffffff"));
});

const rule = suite("acceptance rule");

rule("signs as RFC 6979 does, with s in the lower half", () => {
  const message = (text: string) => new TextEncoder().encode(text);
  const sample = toHex(signMessage(RFC_KEY, message("sample")));
  const highS = 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8n;
  assert.is(
    sample,
    `efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716${hex64(ORDER - highS)}`,
  );
  assert.is(
    toHex(signMessage(RFC_KEY, message("test"))),
    "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
  );
});

rule("compresses the public key of RFC 6979", () => {
  assert.is(toHex(publicKeyOf(RFC_KEY)), toHex(RFC_PUBLIC));
});

rule("takes r and s at their bounds and nothing beyond", () => {
  const acceptable = (r: bigint, s: bigint) => isAcceptable(RFC_PUBLIC, fromHex(hex64(r) + hex64(s)));
  const half = ORDER / 2n;
  for (const [r, s] of [
    [1n, 1n],
    [ORDER - 1n, half],
  ] as const)
    assert.ok(acceptable(r, s), `${r} ${s}`);
  for (const [r, s] of [
    [0n, 1n],
    [1n, 0n],
    [ORDER, 1n],
    [ORDER + 1n, 1n],
    [1n, half + 1n],
    [1n, ORDER - 1n],
    [1n, ORDER],
    [2n ** 256n - 1n, 1n],
  ] as const)
    assert.not(acceptable(r, s), `${r} ${s}`);
});

rule("takes keys of 33 bytes beginning with 2 or 3, signatures of 64 bytes", () => {
  const good = fromHex(hex64(1n) + hex64(1n));
  const key = (head: string, rest = RFC_PUBLIC_X) => fromHex(head + rest);
  assert.ok(isAcceptable(key("02"), good));
  assert.ok(isAcceptable(key("03"), good));
  for (const head of ["00", "01", "04", "06", "07", "ff"]) assert.not(isAcceptable(key(head), good), head);
  assert.not(isAcceptable(key("04", RFC_PUBLIC_X.repeat(2)), good), "uncompressed");
  assert.not(isAcceptable(key("02", RFC_PUBLIC_X.slice(2)), good), "short key");
  assert.not(isAcceptable(new Uint8Array(), good), "no key");
  for (const length of [0, 63, 65, 72]) assert.not(isAcceptable(RFC_PUBLIC, new Uint8Array(length).fill(1)));
});

rule("is false, never a throw, for a key that is no point of the curve", () => {
  const message = new TextEncoder().encode("test");
  const signature = signMessage(RFC_KEY, message);
  for (const x of ["00".repeat(32), "ff".repeat(32), `${"00".repeat(31)}01`])
    assert.is(verifySignature(fromHex(`02${x}`), message, signature), false, x);
});

rule("refuses the twin of a valid signature with high s", () => {
  const message = new TextEncoder().encode("test");
  const signature = signMessage(RFC_KEY, message);
  const twin = fromHex(
    toHex(signature.subarray(0, 32)) + hex64(ORDER - BigInt(`0x${toHex(signature.subarray(32))}`)),
  );
  assert.is(verifySignature(RFC_PUBLIC, message, signature), true);
  assert.is(verifySignature(RFC_PUBLIC, message, twin), false);
  assert.is(nodeVerifier().verify(RFC_PUBLIC, message, twin), false);
});

const replay = suite("replay matrix");

/** Every cell of type × chain × epoch × height × round; two values of each beside the type. */
const CELLS: readonly SignDomain[] = TYPES.flatMap((type) =>
  [CHAIN, OTHER_CHAIN].flatMap((chainId) =>
    [0, 1].flatMap((epoch) =>
      [0, 1].flatMap((height) =>
        [0, 1].map((round): SignDomain => ({ type, chainId, epoch, height, round })),
      ),
    ),
  ),
);

replay("a signature holds in its own cell and in none of the other 127", () => {
  const { verify } = nodeVerifier();
  const messages = CELLS.map((cell) => signBytes(cell, DIGEST));
  for (const [own, message] of messages.entries()) {
    const signature = signMessage(RFC_KEY, message);
    const holds = messages.flatMap((other, index) => (verify(RFC_PUBLIC, other, signature) ? [index] : []));
    assert.equal(holds, [own]);
  }
});

replay("no cell's bytes are those of another cell over another digest", () => {
  const seen = new Set<string>();
  const digests = [DIGEST, CHAIN, OTHER_CHAIN, hashOf(new Uint8Array())];
  for (const cell of CELLS) for (const digest of digests) seen.add(toHex(signBytes(cell, digest)));
  assert.is(seen.size, CELLS.length * digests.length);
});

layout.run();
rule.run();
replay.run();
