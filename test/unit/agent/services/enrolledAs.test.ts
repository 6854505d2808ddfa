/** All of a gateway's keys are the ones it enrolled with. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isAgentError } from "../../../../agent/core/errors.ts";
import { enrolledAs } from "../../../../agent/services/enrolledAs.ts";
import { memberNamed, testContext } from "../../../support/chainBuilder.ts";

const enrolled = suite("enrolled as");

const context = testContext(2);
const member = memberNamed(context, "dep1");
const other = memberNamed(context, "dep2");

function codeOf(changes: Partial<Parameters<typeof enrolledAs>[1]>, name = "dep1"): string | null {
  try {
    enrolledAs(context, { ...member, ...changes }, name);
    return null;
  } catch (error) {
    return isAgentError(error) ? error.code : String(error);
  }
}

enrolled("a gateway with all of its keys is its member", () => {
  assert.is(enrolledAs(context, member, "dep1").id, member.id);
});

enrolled("each key of another gateway is refused, and so is another name", () => {
  assert.is(codeOf({ publicKey: other.publicKey }), "MEMBER_NOT_ENROLLED");
  assert.is(codeOf({}, "dep2"), "MEMBER_NOT_ENROLLED");
  assert.is(codeOf({ peerId: other.peerId }), "KEY_NOT_ENROLLED");
  assert.is(codeOf({ recordsKey: other.recordsKey }), "KEY_NOT_ENROLLED");
});
enrolled.run();
