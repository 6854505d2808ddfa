/** What a gateway may state about itself, and what it may not. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decode, encode } from "../../../../../agent/core/codec.ts";
import {
  cborEnrolment,
  type EnrolledMeter,
  type Enrolment,
  type EnrolmentBody,
  enrolledMember,
  enrolment,
  isRoleSet,
  judgeEnrolment,
  MAX_ENROLMENT_BYTES,
  type MeterRole,
} from "../../../../../agent/core/membership/enrolment.ts";
import { testEnrolment, verify } from "../../../../support/chainBuilder.ts";

const good = testEnrolment("dep1");
const changed = (changes: Partial<EnrolmentBody>) => testEnrolment("dep1", ["grid"], changes);
const meter = (role: MeterRole, fuel: EnrolledMeter["fuel"], serial = "1"): EnrolledMeter => ({
  serial,
  role,
  fuel,
});
const codeOf = (enrolled: Enrolment) => {
  const judged = judgeEnrolment(enrolled, verify);
  return judged.kind === "accept" ? "accept" : `${judged.kind} ${judged.code}`;
};
const decodedCode = (enrolled: Enrolment) => {
  const decoded = decode(encode(cborEnrolment(enrolled)), enrolment, MAX_ENROLMENT_BYTES);
  return decoded.kind === "accept" ? "accept" : decoded.code;
};

const judging = suite("enrolment, judged");

judging("is accepted with every set of roles that determines E_G and E_C", () => {
  const sets: readonly (readonly MeterRole[])[] = [
    ["generation", "consumption"],
    ["consumption", "generation"],
    ["grid", "generation"],
    ["generation", "grid"],
    ["grid"],
    ["consumption"],
    ["generation"],
  ];
  for (const roles of sets) assert.is(codeOf(testEnrolment("dep1", roles)), "accept", roles.join("+"));
});

judging("is refused with any other set of roles", () => {
  const sets: readonly (readonly MeterRole[])[] = [
    [],
    ["grid", "consumption"],
    ["grid", "generation", "consumption"],
    ["grid", "grid"],
    ["generation", "generation"],
    ["consumption", "consumption"],
    ["generation", "generation", "consumption"],
  ];
  for (const roles of sets) {
    assert.is(codeOf(testEnrolment("dep1", roles)), "reject ENROLMENT_ROLES", roles.join("+"));
    assert.not(isRoleSet(roles));
  }
});

judging("names a fuel on generation meters and nowhere else", () => {
  assert.is(codeOf(changed({ meters: [meter("generation", null)] })), "reject ENROLMENT_FUEL");
  assert.is(codeOf(changed({ meters: [meter("grid", "solar")] })), "reject ENROLMENT_FUEL");
  const second = [meter("generation", "wind"), meter("consumption", "diesel", "2")];
  assert.equal(judgeEnrolment(changed({ meters: second }), verify), {
    kind: "reject",
    code: "ENROLMENT_FUEL",
    detail: "2",
  });
});

judging("is refused in a microgrid whose name is none", () => {
  assert.is(codeOf(changed({ microgridId: "My street" })), "reject ENROLMENT_MICROGRID");
});

judging("binds every field to the signature", () => {
  const { body, signature } = good;
  const [first, second] = body.meters as [EnrolledMeter, EnrolledMeter];
  const others: readonly Partial<EnrolmentBody>[] = [
    { microgridId: "other-street" },
    { name: "dep2" },
    { publicKey: testEnrolment("dep2").body.publicKey },
    { peerId: "peer-other" },
    { recordsKey: new Uint8Array(32) },
    { addresses: [] },
    { meters: [{ ...first, serial: "other" }, second] },
    { meters: [{ ...first, fuel: "diesel" }, second] },
    { meters: [second, first] },
    { connectionRatingW: 22_000 },
    { area: "feeder-2" },
  ];
  assert.is(codeOf(good), "accept");
  for (const other of others) {
    const code = codeOf({ body: { ...body, ...other }, signature });
    assert.is(code, "reject BAD_SIGNATURE", Object.keys(other).join());
  }
});

judging("names the member by its key", () => {
  assert.is(enrolledMember(good.body), enrolledMember(testEnrolment("dep1", ["grid"]).body));
  assert.is.not(enrolledMember(good.body), enrolledMember(testEnrolment("dep2").body));
});

judging.run();

const decoding = suite("enrolment, decoded");

decoding("comes back from its bytes as it was", () => {
  const decoded = decode(encode(cborEnrolment(good)), enrolment, MAX_ENROLMENT_BYTES);
  assert.equal(decoded, { kind: "accept", value: good });
});

const OUT_OF_BOUNDS: Readonly<Record<string, Partial<EnrolmentBody>>> = {
  "a name with capitals": { name: "Dep1" },
  "a name of 33 letters": { name: "a".repeat(33) },
  "no name": { name: "" },
  "a name that ends in a dash": { name: "dep-" },
  "a key of 32 bytes": { publicKey: new Uint8Array(32) },
  "an uncompressed key": { publicKey: new Uint8Array(65) },
  "a records key of 31 bytes": { recordsKey: new Uint8Array(31) },
  "a peer id of 65 letters": { peerId: "p".repeat(65) },
  "nine addresses": { addresses: Array<string>(9).fill("/ip4/192.0.2.1") },
  "an address of 257 letters": { addresses: ["/".repeat(257)] },
  "five meters": { meters: Array<EnrolledMeter>(5).fill(meter("grid", null)) },
  "a meter without a serial": { meters: [meter("grid", null, "")] },
  "a serial with a space": { meters: [meter("grid", null, "a b")] },
  "a serial of 33 letters": { meters: [meter("grid", null, "1".repeat(33))] },
  "an unknown role": { meters: [meter("storage" as MeterRole, null)] },
  "an unknown fuel": { meters: [meter("generation", "coal" as "diesel")] },
  "a negative rating": { connectionRatingW: -1 },
  "an area with a blank": { area: "feeder 2" },
  "no area": { area: "" },
  "a rating above a gigawatt": { connectionRatingW: 1_000_000_001 },
};

for (const [name, changes] of Object.entries(OUT_OF_BOUNDS)) {
  decoding(`is refused with ${name}`, () => assert.is(decodedCode(changed(changes)), "BAD_SHAPE"));
}

decoding("is refused with a signature of another length", () => {
  for (const length of [0, 63, 65])
    assert.is(decodedCode({ ...good, signature: new Uint8Array(length) }), "BAD_SHAPE");
});

decoding.run();
