/** The onlookers' book of absences counts by itself, and says where a state counts otherwise. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AbsenceBook } from "../../sim/absenceBook.ts";

const test = suite("book of absences");

const voters = ["a", "b", "c"].map((id) => ({ id }));

function missedBy(voter: string, certificates: number): AbsenceBook {
  const book = new AbsenceBook();
  const others = new Set(voters.map(({ id }) => id).filter((id) => id !== voter));
  for (let count = 0; count < certificates; count += 1) book.sawCertificate(voters, others);
  return book;
}

test("has a voter away after 96 certificates on end, and not after 95", () => {
  assert.is(missedBy("b", 95).isAway("b"), false);
  assert.is(missedBy("b", 96).isAway("b"), true);
  assert.is(missedBy("b", 96).isAway("a"), false);
});

test("begins anew after a certificate with it, a transaction of it, and where an epoch begins", () => {
  const everybody = new Set(voters.map(({ id }) => id));
  for (const end of [
    (book: AbsenceBook) => book.sawCertificate(voters, everybody),
    (book: AbsenceBook) => book.heard("b"),
    (book: AbsenceBook) => book.sawCertificate(voters, null),
  ]) {
    const book = missedBy("b", 96);
    end(book);
    assert.equal([book.isAway("b"), book.differences(new Map())], [false, []]);
  }
});

test("names a state that counts otherwise, which need not count beyond 96", () => {
  assert.equal(missedBy("b", 120).differences(new Map([["b", 96]])), []);
  assert.is(missedBy("b", 3).differences(new Map([["b", 4]])).length, 1);
  assert.is(missedBy("b", 3).differences(new Map()).length, 1);
  assert.is(missedBy("b", 0).differences(new Map([["a", 1]])).length, 1);
});

test.run();
