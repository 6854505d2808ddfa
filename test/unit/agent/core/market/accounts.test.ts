/** Accounts: coins move and are issued, and never come from nowhere. @source docs/market.md, "Money" */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MAX_COINS } from "../../../../../agent/core/codec.ts";
import {
  balanceOf,
  issued,
  moved,
  NO_MONEY,
  type Posting,
  posted,
} from "../../../../../agent/core/market/accounts.ts";
import { microCoins } from "../../../../../agent/core/units.ts";
import { testMember } from "../../../../support/marketCases.ts";

const A = testMember(0);
const B = testMember(1);
const post = (account: Posting["account"], amount: bigint): Posting => ({
  account,
  amount: microCoins(amount),
});

const accounts = suite("accounts");

accounts("hold what was posted to them, and nothing where nothing was", () => {
  const money = posted(NO_MONEY, [post(A, -5n), post("fees", 2n), post(A, -1n), post(B, 4n)])!;
  assert.is(balanceOf(money, A), -6n);
  assert.is(balanceOf(money, "fees"), 2n);
  assert.is(balanceOf(money, "carbon"), 0n);
});

accounts("forget one that holds nothing again", () => {
  const money = posted(NO_MONEY, [post(A, -5n), post(B, 5n)])!;
  assert.equal(posted(money, [post(A, 5n), post(B, -5n)]), NO_MONEY);
});

accounts("are never posted to by a list that makes or loses a coin", () => {
  assert.throws(() => posted(NO_MONEY, [post(A, 5n), post(B, -4n)]), /1 micro-coins over/);
});

accounts("stay as they are when one would leave 64 bits, of either sign", () => {
  assert.ok(posted(NO_MONEY, [post(A, MAX_COINS), post(B, -MAX_COINS)]) !== null);
  assert.is(posted(NO_MONEY, [post(A, MAX_COINS + 1n), post(B, -MAX_COINS - 1n)]), null);
});

accounts("rise together with what is issued, up to 64 bits", () => {
  const money = issued(NO_MONEY, A, microCoins(7n))!;
  assert.is(money.issued, 7n);
  assert.is(balanceOf(money, A), 7n);
  assert.is(issued(money, B, microCoins(MAX_COINS - 6n)), null);
  assert.is(issued(money, B, microCoins(MAX_COINS - 7n))?.issued, MAX_COINS);
});

accounts("go on under the new key of the same household", () => {
  const money = posted(NO_MONEY, [post(A, -5n), post("supplier", 5n)])!;
  const after = moved(money, A, B);
  assert.is(balanceOf(after, A), 0n);
  assert.is(balanceOf(after, B), -5n);
  assert.is(moved(NO_MONEY, A, B), NO_MONEY);
});

accounts.run();
