/** The roster is the same whatever order the genesis lists its members in. */

import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { MemberId } from "../../../../../agent/core/membership/address.ts";
import { gridAdminIdOf, memberIdOf } from "../../../../../agent/core/membership/address.ts";
import { enrolledMember } from "../../../../../agent/core/membership/enrolment.ts";
import { chainIdOf } from "../../../../../agent/core/membership/genesis.ts";
import { electorsOf, rosterOf } from "../../../../../agent/core/membership/roster.ts";
import { NO_DELTA, withChange } from "../../../../../agent/core/membership/rosterDelta.ts";
import { testEnrolment, testGenesis } from "../../../../support/chainBuilder.ts";

const names = ["dep1", "dep2", "dep3", "dep4", "dep5", "dep6"];
const members = names.map((name) => testEnrolment(name));
const genesis = testGenesis(members);
const roster = rosterOf(genesis.body);

const rosters = suite("roster");

rosters("stands in the order of member ids", () => {
  const ids = roster.members.map((member) => member.id);
  assert.equal(ids, [...ids].sort());
  assert.is(new Set(ids).size, names.length);
});

rosters("has the same members in the same order from a genesis that lists them backwards", () => {
  const backwards = rosterOf(testGenesis([...members].reverse()).body);
  assert.equal(backwards.members, roster.members);
  assert.is.not(backwards.chainId, roster.chainId, "but it is another microgrid");
});

rosters("names each member by its key, its microgrid and its GridAdmin", () => {
  const gridAdminId = gridAdminIdOf(genesis.body.gridAdminKey);
  for (const { body } of members) {
    const id = memberIdOf(body.publicKey);
    const member = roster.byId.get(id);
    assert.equal(member, { ...body, id, address: `${id}.test-street.${gridAdminId}`, isVoter: true });
  }
  assert.is(roster.byId.size, names.length);
});

rosters("is bound to the genesis, in epoch 0", () => {
  assert.is(roster.chainId, chainIdOf(genesis.body));
  assert.is(roster.epoch, 0);
});

rosters("of a height has who was admitted, lacks who left, and knows who has no vote", () => {
  const [first, second, third] = roster.members.map(({ id }) => id) as [MemberId, MemberId, MemberId];
  const newcomer = testEnrolment("newcomer");
  const added = enrolledMember(newcomer.body);
  let delta = withChange(NO_DELTA, { kind: "admit", enrolment: newcomer, isVoter: false });
  delta = withChange(delta, { kind: "revoke", member: first });
  delta = withChange(delta, { kind: "suspend", member: second });
  const later = rosterOf(genesis.body, delta);
  assert.equal([later.byId.has(first), later.byId.has(added)], [false, true]);
  const votes = (ids: readonly MemberId[]) => ids.map((id) => later.byId.get(id)?.isVoter);
  assert.equal(votes([added, second, third]), [false, false, true]);
  const voting = later.members.filter(({ isVoter }) => isVoter);
  assert.equal(
    electorsOf(genesis.body, delta),
    voting.map(({ id, publicKey }) => ({ id, publicKey })),
  );
  const back = withChange(withChange(delta, { kind: "reinstate", member: second }), {
    kind: "reinstate",
    member: added,
  });
  assert.ok(rosterOf(genesis.body, back).members.every(({ isVoter }) => isVoter));
});

rosters("of a household with a new key keeps whether it votes, and never takes the old key back", () => {
  const [first] = roster.members.map(({ id }) => id) as [MemberId];
  const suspended = withChange(NO_DELTA, { kind: "suspend", member: first });
  const renewed = testEnrolment("renewed");
  const delta = withChange(suspended, { kind: "rekey", member: first, enrolment: renewed });
  assert.equal(delta.removed, [first]);
  assert.equal(delta.suspended, [enrolledMember(renewed.body)]);
  assert.is(rosterOf(genesis.body, delta).byId.get(enrolledMember(renewed.body))?.isVoter, false);
});

rosters.run();
