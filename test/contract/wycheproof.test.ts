/**
 * Both verifiers against the C2SP vectors for ECDSA on P-256 with SHA-256, signatures as r‖s.
 *
 * @source https://github.com/C2SP/wycheproof, ecdsa_secp256r1_sha256_p1363_test.json
 */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nodeVerifier } from "../../agent/adapters/signer/nodeVerifier.ts";
import { fromHex } from "../../agent/core/bytes.ts";
import { isAcceptable, verifySignature } from "../../agent/core/signature.ts";

type VectorFile = {
  readonly numberOfTests: number;
  readonly testGroups: readonly {
    readonly publicKey: { readonly uncompressed: string };
    readonly tests: readonly {
      readonly tcId: number;
      readonly msg: string;
      readonly sig: string;
      readonly result: "valid" | "invalid";
    }[];
  }[];
};

/** n/2 of P-256, rounded down. @source SEC 2 §2.4.2 */
const HALF_ORDER = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;

const file: VectorFile = JSON.parse(
  readFileSync(new URL("../vectors/ecdsa_secp256r1_sha256_p1363_test.json", import.meta.url), "utf8"),
);
const node = nodeVerifier();

const cases = file.testGroups.flatMap((group) =>
  group.tests.map((test) => {
    const key = compress(fromHex(group.publicKey.uncompressed));
    const signature = fromHex(test.sig);
    return {
      tcId: test.tcId,
      isValid: test.result === "valid",
      isHighS: signature.length === 64 && BigInt(`0x${test.sig.slice(64)}`) > HALF_ORDER,
      signature,
      key,
      coreVerdict: verifySignature(key, fromHex(test.msg), signature),
      nodeVerdict: node.verify(key, fromHex(test.msg), signature),
    };
  }),
);

const test = suite("Wycheproof ECDSA P-256 SHA-256 P1363");

test("the file holds the 262 published vectors", () => {
  assert.equal(file.numberOfTests, 262);
  assert.equal(cases.length, 262);
});

test("noble and OpenSSL give one verdict on every vector", () => {
  assert.equal(
    cases.filter((one) => one.coreVerdict !== one.nodeVerdict).map((one) => one.tcId),
    [],
  );
});

test("no invalid signature is accepted", () => {
  const accepted = cases.filter((one) => !one.isValid && (one.coreVerdict || one.nodeVerdict));
  assert.equal(
    accepted.map((one) => one.tcId),
    [],
  );
});

test("a valid signature is accepted exactly when its s is low", () => {
  const valid = cases.filter((one) => one.isValid);
  assert.equal(
    valid.filter((one) => one.nodeVerdict === one.isHighS).map((one) => one.tcId),
    [],
  );
  assert.equal([valid.length, valid.filter((one) => one.isHighS).length], [173, 70]);
});

test("the valid signatures that are refused are refused by the rule, before any library", () => {
  const refused = cases.filter((one) => one.isValid && !one.nodeVerdict);
  assert.ok(refused.every((one) => !isAcceptable(one.key, one.signature)));
});

test.run();

/** SEC 1 §2.3.3: 02 for an even y, 03 for an odd one, then x. */
function compress(uncompressed: Uint8Array): Uint8Array {
  const isOdd = (uncompressed.at(-1)! & 1) === 1;
  return Uint8Array.of(isOdd ? 3 : 2, ...uncompressed.subarray(1, 33));
}
