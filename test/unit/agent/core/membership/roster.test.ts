/** The roster is the same whatever order the genesis lists its members in. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { gridAdminIdOf, memberIdOf } from "../../../../../agent/core/membership/address.ts";
import { chainIdOf } from "../../../../../agent/core/membership/genesis.ts";
import { rosterOf } from "../../../../../agent/core/membership/roster.ts";
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
    assert.equal(member, { ...body, id, address: `${id}.test-street.${gridAdminId}` });
  }
  assert.is(roster.byId.size, names.length);
});

rosters("is bound to the genesis, in epoch 0", () => {
  assert.is(roster.chainId, chainIdOf(genesis.body));
  assert.is(roster.epoch, 0);
});

rosters.run();
