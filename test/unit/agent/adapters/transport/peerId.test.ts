import { base58btc } from "multiformats/bases/base58";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { peerIdOf, transportKey } from "../../../../../agent/adapters/transport/peerId.ts";
import { TransportError } from "../../../../../agent/adapters/transport/transportError.ts";
import { fromHex, toHex } from "../../../../../agent/core/bytes.ts";

/** RFC 8032, section 7.1, TEST 1 and TEST 2. */
const RFC_8032 = [
  {
    seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  },
  {
    seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  },
];
/** libp2p/specs, peer-ids/peer-ids.md: identity multihash of 36 bytes, protobuf {type Ed25519, 32 bytes}. */
const PEER_ID_PREFIX = "002408011220";

const test = suite("peerIdOf");

for (const { seed, publicKey } of RFC_8032) {
  test(`names the public key of seed ${seed.slice(0, 8)}…`, () => {
    const peerId = peerIdOf(fromHex(seed));
    assert.match(peerId, /^12D3KooW/);
    assert.is(toHex(base58btc.decode(`z${peerId}`)), PEER_ID_PREFIX + publicKey);
    assert.is(toHex(transportKey(fromHex(seed)).publicKey.raw), publicKey);
  });
}

test("a seed of another length is refused", () => {
  for (const length of [0, 31, 33, 64]) {
    try {
      peerIdOf(new Uint8Array(length));
      assert.unreachable(`accepted ${length} bytes`);
    } catch (error) {
      assert.instance(error, TransportError);
      assert.is((error as TransportError).code, "TRANSPORT_KEY");
    }
  }
});

test.run();
