/** What every verifier of the product does: noble in core, OpenSSL behind the port. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nodeVerifier } from "../../agent/adapters/signer/nodeVerifier.ts";
import { fromHex } from "../../agent/core/bytes.ts";
import { publicKeyOf, signMessage, type Verify, verifySignature } from "../../agent/core/signature.ts";
import { propertySeed } from "../support/propertySeed.ts";

const seed = propertySeed("verifier");
const text = (value: string) => new TextEncoder().encode(value);

/** Key, and the signature of "test" with low s. @source RFC 6979 §A.2.5 */
const SECRET = fromHex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
const X = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
const Y = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
const KEY = fromHex(`03${X}`);
const MESSAGE = text("test");
const R = "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367";
const LOW_S = "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083";
/** The order of the curve, and n − LOW_S. @source SEC 2 §2.4.2 */
const N = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const HIGH_S = (BigInt(`0x${N}`) - BigInt(`0x${LOW_S}`)).toString(16).padStart(64, "0");
/** The field prime. @source SEC 2 §2.4.2 */
const P = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
const ZERO = "0".repeat(64);
const SIGNATURE = fromHex(R + LOW_S);

const REFUSED: readonly (readonly [what: string, key: Uint8Array, signature: Uint8Array])[] = [
  ["a signature with high s", KEY, fromHex(R + HIGH_S)],
  ["r = 0", KEY, fromHex(ZERO + LOW_S)],
  ["s = 0", KEY, fromHex(R + ZERO)],
  ["r = n", KEY, fromHex(N + LOW_S)],
  ["s = n", KEY, fromHex(R + N)],
  ["r = s = 0", KEY, fromHex(ZERO + ZERO)],
  ["an empty signature", KEY, new Uint8Array()],
  ["a signature of 63 bytes", KEY, SIGNATURE.subarray(0, 63)],
  ["a signature of 65 bytes", KEY, Uint8Array.of(...SIGNATURE, 0)],
  ["a signature in DER", KEY, fromHex(`3046022100${R}022000${LOW_S.slice(2)}`)],
  ["the key of the other y", fromHex(`02${X}`), SIGNATURE],
  ["an uncompressed key", fromHex(`04${X}${Y}`), SIGNATURE],
  ["a hybrid key, 06", fromHex(`06${X}${Y}`), SIGNATURE],
  ["a hybrid key, 07", fromHex(`07${X}${Y}`), SIGNATURE],
  ["a hybrid prefix on a compressed key", fromHex(`07${X}`), SIGNATURE],
  ["the point at infinity", Uint8Array.of(0), SIGNATURE],
  ["an empty key", new Uint8Array(), SIGNATURE],
  ["a key of 32 bytes", KEY.subarray(0, 32), SIGNATURE],
  ["a key of 34 bytes", Uint8Array.of(...KEY, 0), SIGNATURE],
  ["x = p", fromHex(`03${P}`), SIGNATURE],
  ["x that is on no point of the curve", fromHex(`03${"0".repeat(63)}1`), SIGNATURE],
];

const VERIFIERS: readonly (readonly [name: string, verify: Verify])[] = [
  ["noble", verifySignature],
  ["OpenSSL", nodeVerifier().verify],
  ["OpenSSL with room for one key", nodeVerifier(1).verify],
];

for (const [name, verify] of VERIFIERS) {
  const test = suite(`verifier: ${name}`);

  test("accepts the signature of the standard", () => {
    assert.is(verify(KEY, MESSAGE, SIGNATURE), true);
  });

  test("refuses another message", () => {
    assert.is(verify(KEY, text("tesT"), SIGNATURE), false);
    assert.is(verify(KEY, new Uint8Array(), SIGNATURE), false);
  });

  for (const [what, key, signature] of REFUSED) {
    test(`refuses ${what}, without a throw`, () => {
      assert.is(verify(key, MESSAGE, signature), false);
    });
  }

  test("accepts again after it refused", () => {
    for (const [, key, signature] of REFUSED) verify(key, MESSAGE, signature);
    assert.is(verify(KEY, MESSAGE, SIGNATURE), true);
  });

  test.run();
}

const property = suite("verifiers together");

property("what a key signed holds in all of them, and one flipped bit holds in none", () => {
  const secrets = [SECRET, ...[1, 2, 3].map((byte) => new Uint8Array(32).fill(byte))];
  fc.assert(
    fc.property(
      fc.constantFrom(...secrets),
      fc.uint8Array({ maxLength: 300 }),
      fc.nat({ max: 511 }),
      (secret, message, bit) => {
        const key = publicKeyOf(secret);
        const signature = signMessage(secret, message);
        const altered = Uint8Array.from(signature);
        altered[bit >> 3]! ^= 1 << (bit & 7);
        for (const [name, verify] of VERIFIERS) {
          assert.is(verify(key, message, signature), true, name);
          assert.is(verify(key, message, altered), false, name);
        }
      },
    ),
    { numRuns: 100, seed },
  );
});

property("random bytes get one verdict", () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((x) => Uint8Array.of(2, ...x));
  const signature = fc.uint8Array({ minLength: 64, maxLength: 64 });
  fc.assert(
    fc.property(key, signature, (anyKey, anySignature) => {
      const verdicts = VERIFIERS.map(([, verify]) => verify(anyKey, MESSAGE, anySignature));
      assert.equal(new Set(verdicts).size, 1);
    }),
    { numRuns: 200, seed },
  );
});

property.run();
