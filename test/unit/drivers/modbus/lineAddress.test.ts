import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readLineAddress } from "../../../../drivers/modbus/lineAddress.ts";
import { failsWith } from "../../../support/failure.ts";
import { LINE_ADDRESSES, NO_LINE_ADDRESSES } from "../../../support/lineAddresses.ts";

const test = suite("drivers/modbus/lineAddress");

for (const [text, address] of LINE_ADDRESSES)
  test(`${text} is ${address.kind}`, () => {
    assert.equal(readLineAddress(text), address);
  });

for (const text of NO_LINE_ADDRESSES)
  test(`${JSON.stringify(text)} is refused`, async () => {
    const error = await failsWith(() => readLineAddress(text), "DRIVER_OPTION");
    assert.is(error.detail.value, text);
  });

test.run();
