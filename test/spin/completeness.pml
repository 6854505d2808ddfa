/*
 * Completeness of round 0: what a gateway holds, and the DSO's block lacks, recalls the DSO. When is that unjust?
 *
 * One gateway, one DSO, one item of somebody who chooses when it reaches whom. Times are of the gateway's clock, with
 * 0 the end of the interval, in steps of no particular length. The gateway forwards the item at once; whatever is sent
 * takes from 0 to DELAY, a round trip so twice that at most. The DSO's clock is ahead or behind by up to SKEW. It
 * builds its block when by its clock the grace is over, or later. Two claims:
 *   staysInOffice  what an honest DSO cannot have had in its block does not recall it;
 *   isIncluded     an item that reached the gateway within DELAY of the interval's end is in the block of round 0,
 *                  or recalls the DSO, however early it proposes.
 *
 * Switches (-D), see docs/spin.md. The size: HALF_GRACE, DELAY, SKEW, and A, how long an item must have been held.
 * HONEST_DSO leaves the second claim out. One clause less: NO_CUT_OFF, NO_A, NO_QUOTA, NO_CONFLICT, NO_EVIDENCE. Wrong on
 * purpose: WITNESS_….
 */

#ifndef HALF_GRACE
#define HALF_GRACE 4
#endif
#ifndef DELAY
#define DELAY 2
#endif
#ifndef SKEW
#define SKEW 0
#endif
#ifndef A
#define A 4
#endif
#define GRACE (2 * HALF_GRACE)
/* Nothing later changes an outcome. */
#define LATEST (GRACE + 2 * DELAY + SKEW + A)
/* What a block holds of one signer, and what counts: the same, which is the point. */
#define CAPACITY 1
#define QUOTA 1

/* When the item reached the gateway, and the DSO; when the DSO built its block, and that reached the gateway. */
byte heldAt;
byte atDsoAt;
byte builtAt;
byte proposedAt;
/* Items of the same signer before this one. */
byte earlier;
/* A second body in the place of this one, and when it reached the DSO: 0 there is none. */
byte otherAtDsoAt;

#define LATER(i, j) ((i) > (j) -> (i) : (j))

#ifdef NO_CUT_OFF
#define IS_BEFORE_CUT_OFF true
#else
#define IS_BEFORE_CUT_OFF (heldAt <= HALF_GRACE)
#endif
#ifdef NO_A
#define IS_HELD_LONG (heldAt <= proposedAt)
#else
#define IS_HELD_LONG (heldAt + A <= LATER(proposedAt, GRACE))
#endif
#ifdef NO_QUOTA
#define IS_IN_QUOTA true
#else
#define IS_IN_QUOTA (earlier < QUOTA)
#endif
#define COUNTS (IS_BEFORE_CUT_OFF && IS_HELD_LONG && IS_IN_QUOTA)

#define HAS_ITEM (atDsoAt <= builtAt)
#define HAS_OTHER (otherAtDsoAt > 0 && otherAtDsoAt <= builtAt)
/* What the honest DSO does with it: in the block, or with two bodies the one that came first, or evidence of both. */
#define IS_TAKEN (HAS_ITEM && !HAS_OTHER && earlier < CAPACITY)
#define IS_OTHER_TAKEN (HAS_OTHER && !HAS_ITEM)
#define IS_EVIDENT (HAS_ITEM && HAS_OTHER)
#ifdef NO_CONFLICT
#define IS_EXCUSED false
#elif defined(NO_EVIDENCE)
#define IS_EXCUSED IS_OTHER_TAKEN
#else
#define IS_EXCUSED (IS_OTHER_TAKEN || IS_EVIDENT)
#endif

bool staysInOffice;
bool isIncluded;

active proctype street() {
  byte choice;
  select(choice : 0 .. LATEST);
  heldAt = choice;
  /* It comes by the gateway at the latest, and perhaps before. */
  select(choice : 0 .. LATEST + DELAY);
  if
  :: choice <= heldAt + DELAY -> atDsoAt = choice
  :: else -> atDsoAt = heldAt + DELAY
  fi;
  select(choice : 0 .. CAPACITY);
  earlier = choice;
  select(choice : 0 .. GRACE + SKEW + DELAY + 1);
  otherAtDsoAt = choice;
  if
  :: /* An honest DSO. */
    select(choice : GRACE - SKEW .. GRACE + SKEW + DELAY);
    builtAt = choice;
    select(choice : builtAt .. builtAt + DELAY);
    proposedAt = choice;
    choice = 0;
    staysInOffice = (!COUNTS || IS_TAKEN || IS_EXCUSED);
#ifdef WITNESS_COUNTED
    assert(!(COUNTS && IS_TAKEN && heldAt > DELAY));
#endif
    assert(staysInOffice)
#ifndef HONEST_DSO
  :: /* A liar, that leaves the item out and has no excuse. */
    select(choice : 0 .. GRACE + DELAY);
    proposedAt = choice;
    choice = 0;
    isIncluded = (COUNTS || heldAt > DELAY || earlier >= QUOTA);
    assert(isIncluded)
#endif
  fi
}
