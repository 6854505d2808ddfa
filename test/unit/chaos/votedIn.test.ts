import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeCommitCertificate } from "../../../agent/core/consensus/certificateCodec.ts";
import { hashOf } from "../../../agent/core/hash.ts";
import { height } from "../../../agent/core/units.ts";
import { signersOf } from "../../chaos/votedIn.ts";
import { testContext } from "../../support/chainBuilder.ts";
import { commitCertificate } from "../../support/testCertificates.ts";

const voted = suite("who signed a certificate");

const context = testContext(7);
const { roster } = context;
const { members } = roster;
const ids = members.map(({ id }) => id);
const AT = height(5);
const BLOCK = hashOf(new TextEncoder().encode("block"));

voted("is read with the voters of the genesis where they are those of its height", () => {
  const signers = ids.slice(2);
  const encoded = encodeCommitCertificate(commitCertificate(context, AT, BLOCK, { signers }), members);
  assert.equal(signersOf(encoded, AT, roster), signers);
});

voted("is nobody where one of them was suspended, whomever the places seem to name", () => {
  const [suspended, ...others] = members;
  const certificate = commitCertificate(context, AT, BLOCK, { signers: ids.slice(1, 6) });
  const encoded = encodeCommitCertificate(certificate, others);
  assert.equal(signersOf(encoded, AT, roster), []);
  assert.ok(suspended !== undefined);
});

voted("is nobody for bytes that are no certificate", () => {
  assert.equal(signersOf(Uint8Array.of(1, 2, 3), AT, roster), []);
});

voted.run();
