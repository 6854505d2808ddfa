/*
 * The way back of a voter that lost its journal, over HEIGHTS heights of one chain.
 *
 * Voter 0 loses its journal up to LOSSES times; voters 1 to HONEST - 1 keep theirs; a liar adds one vote to every
 * quorum, for every block, and is the DSO of every height: two blocks compete at each, A and B. A block holds no
 * rejoin, or one that was published before the block was created; it is voted on after it was created. Each height
 * has one round: what rounds do to one height is the matter of agreement.pml, where a voter that lost its journal
 * abstains for good. A vote sent before the loss that arrives after it is covered: nothing sent is taken back.
 *
 * Switches (-D), see docs/spin.md. The size: HEIGHTS, HONEST, QUORUM, LOSSES, LIAR_SILENT. Other bounds of the first
 * vote: FROM_H, FROM_CLAIM=k for k above the head that whichever honest voter answers has. One clause less: ANY_NONCE,
 * NONCE_KEPT, UNCERTIFIED, EMPTY_IS_NEW, NO_S5. Another claim: NOBODY_RETURNS. Wrong on purpose: WITNESS_….
 */

#ifndef HONEST
#define HONEST 3
#endif
#ifndef QUORUM
#define QUORUM 3
#endif
#ifndef LOSSES
#define LOSSES 2
#endif
#ifndef HEIGHTS
#define HEIGHTS 2
#endif
#define A 0
#define B 1

#ifdef LIAR_SILENT
#define LIARS 0
#else
#define LIARS 1
#endif

/* The place of block v of height h, from 1. */
#define AT(h, v) (2 * ((h) - 1) + (v))

/* What has left a voter: bits 0 to 5 its PREPAREs, 6 to 11 its COMMITs. */
#define PREPARE(h, v) (1 << AT(h, v))
#define COMMIT(h, v) (1 << (6 + AT(h, v)))
#define BOTH_PREPARES(h) (PREPARE(h, A) | PREPARE(h, B))
#define BOTH_COMMITS(h) (COMMIT(h, A) | COMMIT(h, B))
short sent[HONEST];
/* What a voter's journal says it has sent. The others' is what they have sent. */
short journal;
#define KNOWN(i) (i == 0 -> journal : sent[i])

/* The newest height a voter holds a certified block of; its chain is the only one as long as there is no fork. */
byte head[HONEST];

/* The rejoin a block holds, chosen before all else: 0 none, 1 the first loss's, 2 the second's. */
byte block[6];
#define EXISTS(h, v) (block[AT(h, v)] <= losses)
#define HAS_REJOIN(h, v, loss) (EXISTS(h, v) && block[AT(h, v)] == (loss))

/* Losses so far; 0: voter 0 is as it began. */
byte losses;
/* Voter 0 waits for its rejoin. */
bool abstains;
/* It votes at heights above this. */
byte bound;

#define HAS(i, bit) ((sent[i] & (bit)) != 0)
#if HONEST == 2
#define COUNT(bit) (HAS(0, bit) + HAS(1, bit))
#elif HONEST == 3
#define COUNT(bit) (HAS(0, bit) + HAS(1, bit) + HAS(2, bit))
#else
#define COUNT(bit) (HAS(0, bit) + HAS(1, bit) + HAS(2, bit) + HAS(3, bit) + HAS(4, bit))
#endif
#define QUORUM_OF(bit) (COUNT(bit) + LIARS >= QUORUM)
#define DECIDED(h, v) (EXISTS(h, v) && QUORUM_OF(COMMIT(h, v)))

#ifdef NO_S5
#define S5(i, h) true
#else
#define S5(i, h) (head[i] == (h) - 1)
#endif
#define IS_VOTER(i, h) (S5(i, h) && (i != 0 || (!abstains && (h) > bound)))
#define MAY_PREPARE(i, h, v) (IS_VOTER(i, h) && EXISTS(h, v) && (KNOWN(i) & BOTH_PREPARES(h)) == 0)
#define MAY_COMMIT(i, h, v) \
  (IS_VOTER(i, h) && (KNOWN(i) & PREPARE(h, v)) != 0 && (KNOWN(i) & BOTH_COMMITS(h)) == 0 && QUORUM_OF(PREPARE(h, v)))

/* The rejoin that voter 0 waits for. */
#ifdef ANY_NONCE
#define IS_MINE(h, v) (HAS_REJOIN(h, v, 1) || HAS_REJOIN(h, v, 2))
#elif defined(NONCE_KEPT)
#define IS_MINE(h, v) HAS_REJOIN(h, v, 1)
#else
#define IS_MINE(h, v) HAS_REJOIN(h, v, losses)
#endif
/* Voting at h itself, it cannot wait until h is certified: by then S5 has it at h + 1. */
#if defined(UNCERTIFIED) || defined(FROM_H)
#define IS_HELD(h, v) EXISTS(h, v)
#else
#define IS_HELD(h, v) (head[0] >= (h) && DECIDED(h, v))
#endif
#ifdef FROM_H
#define BOUND_OF(h) ((h) - 1)
#else
#define BOUND_OF(h) (h)
#endif

#if defined(WITNESS_RETURN)
#define HOLDS !(losses > 0 && !abstains && COUNT(COMMIT(2, A)) == 3)
#elif defined(WITNESS_SECOND_RETURN)
#define HOLDS !(losses == 2 && !abstains && bound == 2)
#elif defined(NOBODY_RETURNS)
#define HOLDS (losses == 0 || abstains)
#else
#define HOLDS \
  !((DECIDED(1, A) && DECIDED(1, B)) || (DECIDED(2, A) && DECIDED(2, B)) || (DECIDED(3, A) && DECIDED(3, B)))
#endif

/* Voters 1 and up are interchangeable: keep them sorted. */
short kept;
#define ORDER(i, j) \
  if \
  :: sent[j] < sent[i] || (sent[j] == sent[i] && head[j] < head[i]) -> \
    kept = sent[i]; sent[i] = sent[j]; sent[j] = kept; kept = head[i]; head[i] = head[j]; head[j] = kept; kept = 0 \
  :: else \
  fi
#if HONEST == 2
#define SORT skip
#elif HONEST == 3
#define SORT ORDER(1, 2)
#else
#define SORT ORDER(1, 2); ORDER(2, 3); ORDER(3, 4); ORDER(1, 2); ORDER(2, 3); ORDER(1, 2)
#endif
#define SETTLE SORT; assert(HOLDS)

#define VOTE(bit) \
  sent[me] = sent[me] | (bit); \
  if \
  :: me == 0 -> journal = journal | (bit) \
  :: else \
  fi

#define STEPS_AT(h, v) \
  :: d_step { MAY_PREPARE(me, h, v) -> printf("voter %d PREPARE height %d block %d\n", me, h, v); \
       VOTE(PREPARE(h, v)); SETTLE } \
  :: d_step { MAY_COMMIT(me, h, v) -> printf("voter %d COMMIT height %d block %d\n", me, h, v); \
       VOTE(COMMIT(h, v)); SETTLE } \
  :: d_step { (head[me] == (h) - 1 && DECIDED(h, v)) -> \
       printf("voter %d holds certified height %d block %d\n", me, h, v); head[me] = h; SETTLE }

proctype voter(byte me) {
end:
  do
  STEPS_AT(1, A)
  STEPS_AT(1, B)
  STEPS_AT(2, A)
  STEPS_AT(2, B)
#if HEIGHTS > 2
  STEPS_AT(3, A)
  STEPS_AT(3, B)
#endif
  od
}

#ifdef EMPTY_IS_NEW
#define AFTER_LOSS false
#else
#define AFTER_LOSS true
#endif

#define RETURN(h, v) \
  :: d_step { (abstains && IS_MINE(h, v) && IS_HELD(h, v)) -> abstains = false; bound = BOUND_OF(h); \
       printf("voter 0 is back and votes above height %d\n", bound); SETTLE }
#define TRUST(i) \
  :: d_step { abstains -> abstains = false; bound = head[i] + FROM_CLAIM - 1; \
       printf("voter 0 is back and votes above height %d\n", bound); SETTLE }

/* Its journal is gone: nothing known, a new nonce; the ledger stays or goes too and is then fetched again. */
proctype disk() {
end:
  do
  :: d_step { losses < LOSSES -> losses++; journal = 0; abstains = AFTER_LOSS; bound = 0;
       printf("voter 0 loses its journal\n") }
  :: d_step { losses < LOSSES -> losses++; journal = 0; abstains = AFTER_LOSS; bound = 0; head[0] = 0;
       printf("voter 0 loses its whole disk\n") }
#ifdef FROM_CLAIM
  TRUST(1)
  TRUST(HONEST - 1)
#else
  RETURN(1, A)
  RETURN(1, B)
  RETURN(2, A)
  RETURN(2, B)
#if HEIGHTS > 2
  RETURN(3, A)
  RETURN(3, B)
#endif
#endif
  od
}

/* Which of the two is called A does not matter. */
#define CREATE(h) \
  select(rejoin : 0 .. LOSSES); block[AT(h, A)] = rejoin; select(rejoin : block[AT(h, A)] .. LOSSES); \
  block[AT(h, B)] = rejoin

init {
  byte rejoin;
  atomic {
    CREATE(1);
    CREATE(2);
#if HEIGHTS > 2
    CREATE(3);
#endif
    rejoin = 0;
    run disk();
    run voter(0);
    run voter(1);
#if HONEST > 2
    run voter(2);
#endif
#if HONEST > 3
    run voter(3);
    run voter(4);
#endif
  }
}
