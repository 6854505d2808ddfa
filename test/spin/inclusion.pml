/*
 * What the next block must hold: `held` lists of COMMITs, and names in ROUND_CHANGEs.
 *
 * N voters, FAULTY of them lie. Each honest one holds some of ITEMS items, each with its bytes; QUORUM voters sign, and
 * tell with it what they hold. Liars tell anything, serve nothing. Then some honest voters fall away with what they hold.
 * An item told of by THRESHOLD signers is forced into the next block, unless it is excused. Two claims:
 *   canBuild     an honest DSO that reaches those who are left always finds a valid block;
 *   isIncluded   no valid block, whoever built it, lacks what every honest voter held (of items that exclude each
 *                other: all of them).
 *
 * One choice after another is made, of every voter, and one state judged: there is no time in this model. Voters are
 * chosen in order of their fate, so that every order stands for all.
 *
 * Switches (-D), see docs/spin.md. The size: N, FAULTY, QUORUM, THRESHOLD, ITEMS. How items hang together: SAME_SLOT,
 * EXCLUSIVE, SEQUENCE, EVIDENCE. Signers chosen by the DSO: SIGNERS_LEFT. Fewer left: LIARS_VOTE. Bytes in the message:
 * CARRIED. Other excuses: NO_EXCUSE, SLOT_EXCUSE. Wrong on purpose: WITNESS_….
 */

#ifndef N
#define N 4
#endif
#ifndef FAULTY
#define FAULTY 1
#endif
#ifndef QUORUM
#define QUORUM 3
#endif
#ifndef THRESHOLD
#define THRESHOLD 2
#endif
#ifndef ITEMS
#define ITEMS 2
#endif
#define HONEST (N - FAULTY)
#define ALL_ITEMS ((1 << ITEMS) - 1)
#define IS_IN(i, items) (((items) >> (i)) & 1)

/* How many honest voters may fall away. An honest quorum is left; with LIARS_VOTE a quorum that needs the liars. */
#ifdef LIARS_VOTE
#define MAX_FALLEN (N - QUORUM)
#else
#define MAX_FALLEN (N - QUORUM - FAULTY)
#endif

/* ---- How items hang together: which of them one block can hold, on the state after the last one. ---- */

#if defined(SAME_SLOT) || defined(EXCLUSIVE)
/* Two bodies for one interval or sequence; or of two signers, as two changes of the roster of which one may run. */
#define IS_VALID(items) (!(IS_IN(0, items) && IS_IN(1, items)))
#elif defined(SEQUENCE)
/* Of one signer, one after the other. */
#define IS_VALID(items) (!IS_IN(1, items) || IS_IN(0, items))
#elif defined(EVIDENCE)
/* Two bodies for one interval, and the evidence of them, which leaves neither to be traded. */
#define IS_VALID(items) (IS_IN(0, items) + IS_IN(1, items) + IS_IN(2, items) <= 1)
#else
#define IS_VALID(items) true
#endif
#if defined(SAME_SLOT) || defined(EVIDENCE)
#define IS_SLOT_TAKEN(i, items) ((i) < 2 && IS_IN(1 - (i), items))
#else
#define IS_SLOT_TAKEN(i, items) false
#endif

/* Item 1 may need item 0, so claims are made of blocks that item 0 was to be in. */
#if defined(SAME_SLOT) || defined(EXCLUSIVE) || defined(EVIDENCE)
#define COVERS(items) ((items) != 0)
#else
#define COVERS(items) ((everywhere & ~(items)) == 0)
#endif

/* Why a forced item may be missing from a block of these items. */
#if defined(NO_EXCUSE)
#define IS_EXCUSED(i, items) (!IS_VALID(1 << (i)))
#elif defined(SLOT_EXCUSE)
#define IS_EXCUSED(i, items) (!IS_VALID(1 << (i)) || IS_SLOT_TAKEN(i, items))
#else
#define IS_EXCUSED(i, items) (!IS_VALID((items) | (1 << (i))))
#endif

/* ---- What was chosen. ---- */

/* Signers that tell of an item. */
byte told[ITEMS];
/* Items of which somebody left has the bytes. */
byte served;
/* Items that every honest voter held. */
byte everywhere = ALL_ITEMS;
byte signers;
byte fallen;

#define IS_FORCED(i) (told[i] >= THRESHOLD)
#ifdef CARRIED
/* Whoever tells of an item sends it along, so a liar tells of no other. */
#define HAS_BYTES(i) (IS_IN(i, served) || told[i] > 0)
#else
#define HAS_BYTES(i) IS_IN(i, served)
#endif

/* A block of these items follows the rules; an item that is not forced is of no matter, so none is taken in vain. */
#define MET(i, items) (IS_IN(i, items) || !IS_FORCED(i) || IS_EXCUSED(i, items))
#define IS_BUILT(i, items) (!IS_IN(i, items) || HAS_BYTES(i))
#if ITEMS == 3
#define ALL_MET(items) (MET(0, items) && MET(1, items) && MET(2, items))
#define ALL_BUILT(items) (IS_BUILT(0, items) && IS_BUILT(1, items) && IS_BUILT(2, items))
#else
#define ALL_MET(items) (MET(0, items) && MET(1, items))
#define ALL_BUILT(items) (IS_BUILT(0, items) && IS_BUILT(1, items))
#endif

bool canBuild;
bool isIncluded;

inline judge() {
  canBuild = false;
  isIncluded = true;
  items = 0;
  do
  :: items <= ALL_ITEMS ->
    if
    :: IS_VALID(items) && ALL_MET(items) ->
      canBuild = canBuild || ALL_BUILT(items);
      isIncluded = isIncluded && (!IS_IN(0, everywhere) || COVERS(items))
    :: else
    fi;
    items++
  :: else -> break
  od;
  items = 0
}

/* An honest voter's fate: what it holds, twice that and whether it signs, twice that and whether it falls away. */
#define HOLDS(fate) ((fate) >> 2)
#define SIGNS(fate) (((fate) >> 1) & 1)
#define FALLS(fate) ((fate) & 1)
#ifdef SIGNERS_LEFT
#define MAY_SIGN(fate) (!SIGNS(fate) || !FALLS(fate))
#else
#define MAY_SIGN(fate) true
#endif
#define MAX_FATE (4 * (ALL_ITEMS + 1) - 1)

inline tell(items) {
  told[0] = told[0] + IS_IN(0, items);
  told[1] = told[1] + IS_IN(1, items);
#if ITEMS == 3
  told[2] = told[2] + IS_IN(2, items);
#endif
}

active proctype street() {
  byte fate, voter, items;
end:
  do
  :: voter < HONEST && fate < MAX_FATE -> fate++
  :: voter < HONEST && !(FALLS(fate) && fallen == MAX_FALLEN) && !(SIGNS(fate) && signers == QUORUM) &&
     MAY_SIGN(fate) -> d_step {
    printf("honest voter %d holds %d, signs %d, falls away %d\n", voter, HOLDS(fate), SIGNS(fate), FALLS(fate));
    if
    :: SIGNS(fate) -> signers++; tell(HOLDS(fate))
    :: else
    fi;
    if
    :: FALLS(fate) -> fallen++
    :: else -> served = served | HOLDS(fate)
    fi;
    everywhere = everywhere & HOLDS(fate);
    voter++;
    if
    :: voter == HONEST -> fate = 0
    :: else
    fi }
  :: voter >= HONEST && voter < N && fate < ALL_ITEMS -> fate++
  :: voter >= HONEST && voter < N && signers < QUORUM -> d_step {
    printf("liar %d signs and tells of %d\n", voter, fate);
    signers++; tell(fate); voter++ }
  :: voter >= HONEST && voter < N && fate == 0 -> voter++
  :: voter == N -> break
  od;
  fate = 0;
endUnsigned:
  signers == QUORUM;
  d_step { judge() };
#if defined(WITNESS_FORCED)
  assert(!(told[0] == THRESHOLD && told[1] == THRESHOLD && fallen == MAX_FALLEN))
#else
  assert(canBuild);
  assert(isIncluded)
#endif
}
