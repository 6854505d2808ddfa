/**
 * The Merkle root and the paths to it against the reference vectors of Certificate Transparency.
 *
 * @source google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc: kSHA256EmptyTreeHash,
 * kInputs, kSHA256Roots, kSHA256Paths; the algorithms are RFC 6962 §2.1 and §2.1.1
 */
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex, toHex } from "../../../../../../agent/core/bytes.ts";
import { merklePath, merkleRoot, rootAlong } from "../../../../../../agent/core/ledger/state/merkle.ts";

const INPUTS = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map(fromHex);

/** Root of the first 0 … 8 inputs. */
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const tree = suite("Merkle root");

for (const [size, root] of ROOTS.entries()) {
  tree(`of ${size} leaves is that of Certificate Transparency`, () => {
    assert.is(merkleRoot(INPUTS.slice(0, size)), root);
  });
}

tree("hashes leaves behind 0x00 and nodes behind 0x01", () => {
  const sha256 = (...parts: readonly Uint8Array[]) =>
    createHash("sha256").update(Buffer.concat(parts)).digest();
  const leaf = (text: string) => sha256(Uint8Array.of(0), new TextEncoder().encode(text));
  const root = sha256(Uint8Array.of(1), leaf("a"), leaf("b")).toString("hex");
  assert.is(merkleRoot(["a", "b"].map((text) => new TextEncoder().encode(text))), root);
});

tree("does not take an inner node for a leaf", () => {
  const [a, b] = [new TextEncoder().encode("a"), new TextEncoder().encode("b")];
  const node = Buffer.concat(
    [a, b].map((leaf) =>
      createHash("sha256")
        .update(Buffer.concat([Uint8Array.of(0), leaf]))
        .digest(),
    ),
  );
  assert.is.not(merkleRoot([node]), merkleRoot([a, b]));
});

tree("changes with any leaf, their order and their number", () => {
  const leaves = Array.from({ length: 13 }, (_, index) => Uint8Array.of(index));
  const roots = new Set([
    merkleRoot(leaves),
    merkleRoot([...leaves].reverse()),
    merkleRoot([...leaves, Uint8Array.of(12)]),
  ]);
  for (const index of leaves.keys()) {
    roots.add(merkleRoot(leaves.with(index, Uint8Array.of(99))));
    roots.add(merkleRoot(leaves.toSpliced(index, 1)));
  }
  assert.is(roots.size, 3 + 2 * leaves.length);
});

/** Leaf, size of the tree, hashes beside the way from that leaf up. */
const PATHS: readonly (readonly [place: number, size: number, hashes: readonly string[]])[] = [
  [0, 1, []],
  [
    0,
    8,
    [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  ],
  [
    5,
    8,
    [
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  ],
  [2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]],
  [
    1,
    5,
    [
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  ],
];

const paths = suite("Merkle path");

for (const [place, size, hashes] of PATHS) {
  paths(`of leaf ${place} of ${size} is that of Certificate Transparency`, () => {
    const path = merklePath(INPUTS.slice(0, size), place);
    assert.equal(
      path.map(({ hash }) => toHex(hash)),
      hashes,
    );
  });
}

paths("leads from each leaf of a tree of any size to its root, and from no other leaf", () => {
  const leaves = Array.from({ length: 20 }, (_, index) => Uint8Array.of(index));
  for (let size = 1; size <= leaves.length; size += 1) {
    const some = leaves.slice(0, size);
    for (const [place, leaf] of some.entries()) {
      const path = merklePath(some, place);
      assert.is(rootAlong(leaf, path), merkleRoot(some));
      assert.is.not(rootAlong(Uint8Array.of(99), path), merkleRoot(some));
      const turned = path.map((step, index) => (index === 0 ? { ...step, isLeft: !step.isLeft } : step));
      if (size > 1) assert.is.not(rootAlong(leaf, turned), merkleRoot(some));
    }
  }
});

tree.run();
paths.run();
