/*
 * The voting rules of docs/protocol.md, one height, for exhaustive search by Spin.
 *
 * HONEST voters follow S1 to S4, one voter lies; QUORUM votes decide; blocks A and B compete in ROUNDS rounds.
 * Messages are never taken back and nobody is made to read one: a step is possible once enough messages for it
 * have left, so loss, delay, duplication and every order are covered without a channel.
 *
 * The liar needs no state. It has sent every vote it could sign, to whoever it pleases: it adds one to each quorum,
 * for both blocks at once. It can lie in a ROUND_CHANGE too, but not forge a prepared certificate.
 *
 * Switches (-D), see docs/spin.md. The size: ROUNDS, HONEST, LIARS, QUORUM, LIAR_IN. More of the street: CRASH, WIPE,
 * NEXT_HEIGHT, RECOVER. One rule less: NO_…, JOURNAL_NO_…, SEND_FIRST, MIXED_ROUNDS, RENOUNCE_…. Wrong on purpose:
 * WITNESS_…. NAMED leaves the voters unsorted.
 */

#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef HONEST
#define HONEST 3
#endif
/* Two liars are as one that adds two votes: each has sent everything. */
#ifndef LIARS
#define LIARS 1
#endif
#ifndef QUORUM
#define QUORUM 3
#endif
/* Bit r is set when the liar is DSO of round r. */
#ifndef LIAR_IN
#define LIAR_IN 0
#endif

#define A 0
#define B 1
#define OTHER(v) (1 - (v))

/* ---- What has left a voter: one bit per message. ---- */

/* PREPARE and COMMIT of round r for block v: bits 0 to 15. */
#define PREPARE(r, v) (1 << (4 * (r) + (v)))
#define COMMIT(r, v) (1 << (4 * (r) + 2 + (v)))
#define ANY_BLOCK 65535
/* ROUND_CHANGE to round r > 0 that claims a block prepared in round c - 1, or none for c = 0: bits 16 to 24. */
#define FIRST_CLAIM(r) (16 + (r) * ((r) + 1) / 2 - 1)
#define ROUND_CHANGE(r, c) (1 << (FIRST_CLAIM(r) + (c)))
#define CLAIMS_UP_TO(r, c) (((1 << ((c) + 1)) - 1) << FIRST_CLAIM(r))
/* PREPARE and COMMIT at the next height for a block whose parent is v: bits 25 to 28. */
#define NEXT_PREPARE(v) (1 << (25 + (v)))
#define NEXT_COMMIT(v) (1 << (27 + (v)))
#define ANY_NEXT (15 << 25)
/* To the GridAdmin, for a new epoch: "I vote no more, and prepared last in round c - 1": bits 25 to 28 again, so
 * RECOVER excludes NEXT_HEIGHT. */
#define REPORT(c) (1 << (25 + (c)))
#define REPORTS_UP_TO(c) (((1 << ((c) + 1)) - 1) << 25)
#define ANY_REPORT (15 << 25)
/* In `pending` only: the vote is on the disk. */
#define WRITTEN (1 << 29)

int sent[HONEST];
/* A vote that was resolved on and has not left yet; 0 for none. */
int pending[HONEST];
/* What an honest DSO proposed: two bits per round. */
byte proposed;

/* ---- What a voter knows, in memory and on its disk. ---- */

#define ROUND(m) ((m) & 3)
/* The round, plus one, of the certificate that its last COMMIT rests on; 0 for none. */
#define PREPARED(m) (((m) >> 2) & 7)
#define PREPARED_BITS (7 << 2)
/* Blocks it has sent PREPARE and COMMIT for in its round. */
#define HAS_PREPARED(m, v) (((m) >> (5 + (v))) & 1)
#define HAS_COMMITTED(m, v) (((m) >> (7 + (v))) & 1)
#define PREPARE_BITS (3 << 5)
#define COMMIT_BITS (3 << 7)
/* Parents it has sent PREPARE and COMMIT for at the next height. */
#define NEXT_BITS (15 << 9)
#define HAS_NEXT_PREPARED(m, v) (((m) >> (9 + (v))) & 1)
#define NEXT_PREPARE_BITS (3 << 9)
#define NEXT_COMMIT_BITS (3 << 11)
/* It lost its journal, knows it, and votes no more. */
#define ABSTAINS (1 << 13)
/* It renounced the epoch, and votes no more. */
#define RENOUNCED (1 << 14)

short mind[HONEST];
short disk[HONEST];

/* ---- Counting. ---- */

#define HAS(i, bits) ((sent[i] & (bits)) != 0)
#if HONEST == 2
#define COUNT(bits) (HAS(0, bits) + HAS(1, bits))
#define UNION(array) (array[0] | array[1])
#elif HONEST == 3
#define COUNT(bits) (HAS(0, bits) + HAS(1, bits) + HAS(2, bits))
#define UNION(array) (array[0] | array[1] | array[2])
#elif HONEST == 4
#define COUNT(bits) (HAS(0, bits) + HAS(1, bits) + HAS(2, bits) + HAS(3, bits))
#define UNION(array) (array[0] | array[1] | array[2] | array[3])
#else
#define COUNT(bits) (HAS(0, bits) + HAS(1, bits) + HAS(2, bits) + HAS(3, bits) + HAS(4, bits))
#define UNION(array) (array[0] | array[1] | array[2] | array[3] | array[4])
#endif
#define QUORUM_OF(bits) (COUNT(bits) + LIARS >= QUORUM)

#define COMMITS_ANY_ROUND(v) (COMMIT(0, v) | COMMIT(1, v) | COMMIT(2, v) | COMMIT(3, v))
#ifdef MIXED_ROUNDS
#define DECIDED(v) QUORUM_OF(COMMITS_ANY_ROUND(v))
#else
#define DECIDED(v) \
  (QUORUM_OF(COMMIT(0, v)) || QUORUM_OF(COMMIT(1, v)) || QUORUM_OF(COMMIT(2, v)) || QUORUM_OF(COMMIT(3, v)))
#endif

/* ---- S3: which block may be proposed in round r. ---- */

#ifdef NO_S3_PROOF
#define CERTIFICATE(r, v) true
#else
#define CERTIFICATE(r, v) QUORUM_OF(PREPARE(r, v))
#endif
/* A quorum of ROUND_CHANGEs none of which claims more than round p: the liar claims p and has the proof. */
#define AGAIN(r, v, p) ((p) < (r) && CERTIFICATE(p, v) && QUORUM_OF(CLAIMS_UP_TO(r, (p) + 1)))
#ifdef NO_S3_HIGHEST
#define FRESH(r) QUORUM_OF(CLAIMS_UP_TO(r, r))
#else
#define FRESH(r) QUORUM_OF(ROUND_CHANGE(r, 0))
#endif
#ifdef NO_S3
#define JUSTIFIED(r, v) true
#else
#define JUSTIFIED(r, v) ((r) == 0 || FRESH(r) || AGAIN(r, v, 0) || AGAIN(r, v, 1) || AGAIN(r, v, 2))
#endif

#define IS_LIARS(r) (((LIAR_IN >> (r)) & 1) == 1)
#define IS_PROPOSED(r, v) (IS_LIARS(r) || ((proposed >> (2 * (r) + (v))) & 1) == 1)

/* While no block is named anywhere, A stands for either. */
#define IS_NAMED \
  (proposed != 0 || ((UNION(sent) | UNION(pending)) & (ANY_BLOCK | ANY_NEXT)) != 0 || \
   ((UNION(mind) | UNION(disk)) & (PREPARE_BITS | NEXT_PREPARE_BITS)) != 0)
#define MAY_NAME(v) ((v) == A || IS_NAMED)

/* ---- A voter's steps. ---- */

/* S1, in the current round by memory. */
#ifdef NO_S1
#define S1_PREPARE(v) (!HAS_PREPARED(mind[me], v))
#define S1_COMMIT(v) (!HAS_COMMITTED(mind[me], v))
#else
#define S1_PREPARE(v) ((mind[me] & PREPARE_BITS) == 0)
#define S1_COMMIT(v) ((mind[me] & COMMIT_BITS) == 0)
#endif

#ifdef NO_S4
#define S4(r, v) true
#else
#define S4(r, v) QUORUM_OF(PREPARE(r, v))
#endif

#define MY_ROUND ROUND(mind[me])
#define IS_FREE (pending[me] == 0 && (mind[me] & (ABSTAINS | RENOUNCED)) == 0)

#define MAY_PREPARE(v) \
  (IS_FREE && S1_PREPARE(v) && MAY_NAME(v) && IS_PROPOSED(MY_ROUND, v) && JUSTIFIED(MY_ROUND, v))
#define MAY_COMMIT(v) (IS_FREE && S1_COMMIT(v) && HAS_PREPARED(mind[me], v) && S4(MY_ROUND, v))
#define MAY_LEAVE(to) (IS_FREE && MY_ROUND < (to))

/* Votes in a round r that was left, which S2 forbids; S1 holds there. */
#define MAY_PREPARE_LATE(r, v) \
  (IS_FREE && (r) < MY_ROUND && !HAS(me, PREPARE(r, A) | PREPARE(r, B)) && MAY_NAME(v) && \
   IS_PROPOSED(r, v) && JUSTIFIED(r, v))
#define MAY_COMMIT_LATE(r, v) \
  (IS_FREE && (r) < MY_ROUND && !HAS(me, COMMIT(r, A) | COMMIT(r, B)) && HAS(me, PREPARE(r, v)) && S4(r, v))

#ifdef NO_S5
#define S5(v) true
#else
#define S5(v) DECIDED(v)
#endif
#define MAY_PREPARE_NEXT(v) (IS_FREE && (mind[me] & NEXT_PREPARE_BITS) == 0 && MAY_NAME(v) && S5(v))
#define MAY_COMMIT_NEXT(v) \
  (IS_FREE && (mind[me] & NEXT_COMMIT_BITS) == 0 && HAS_NEXT_PREPARED(mind[me], v) && QUORUM_OF(NEXT_PREPARE(v)))

/* A vote with CRASH takes three steps (resolve, write, send), so that a crash can come between; else one. */
#ifdef CRASH
#define VOTE(bit) pending[me] = bit
#else
#define VOTE(bit) sent[me] = sent[me] | (bit)
#endif

/* Honest voters are interchangeable: keep them sorted, so that one order stands for all. */
#define IS_BEFORE(i, j) \
  (sent[i] < sent[j] || (sent[i] == sent[j] && (mind[i] < mind[j] || (mind[i] == mind[j] && \
   (disk[i] < disk[j] || (disk[i] == disk[j] && pending[i] < pending[j]))))))
int kept;
#define EXCHANGE(array, i, j) kept = array[i]; array[i] = array[j]; array[j] = kept; kept = 0
#define ORDER(i, j) \
  if \
  :: IS_BEFORE(j, i) -> EXCHANGE(sent, i, j); EXCHANGE(mind, i, j); EXCHANGE(disk, i, j); EXCHANGE(pending, i, j) \
  :: else \
  fi
#ifdef NAMED
#define SORT skip
#elif HONEST == 2
#define SORT ORDER(0, 1)
#elif HONEST == 3
#define SORT ORDER(0, 1); ORDER(1, 2); ORDER(0, 1)
#elif HONEST == 4
#define SORT ORDER(0, 1); ORDER(1, 2); ORDER(2, 3); ORDER(0, 1); ORDER(1, 2); ORDER(0, 1)
#else
#define SORT \
  ORDER(0, 1); ORDER(1, 2); ORDER(2, 3); ORDER(3, 4); ORDER(0, 1); ORDER(1, 2); ORDER(2, 3); \
  ORDER(0, 1); ORDER(1, 2); ORDER(0, 1)
#endif

/* What must never be: two blocks decided, or the next height certified on a block that lost. */
#define NEXT_DECIDED(v) QUORUM_OF(NEXT_COMMIT(v))
#ifdef RECOVER
#define IS_FORK (DECIDED(A) && DECIDED(B))
#else
#define IS_FORK \
  ((DECIDED(A) && DECIDED(B)) || (NEXT_DECIDED(A) && DECIDED(B)) || (NEXT_DECIDED(B) && DECIDED(A)))
#endif
/* A new epoch takes over the highest block among RECOVER reports. Those may be any of the honest ones, and the
 * liars claim what they like and can prove. It must not miss what the old epoch decided, or still decides. */
#ifdef RECOVER
#define REPORTED_UP_TO(c) (COUNT(REPORTS_UP_TO(c)) + LIARS >= RECOVER)
#define TAKES_OVER(c, v) (REPORTED_UP_TO(c) && QUORUM_OF(PREPARE((c) - 1, v)))
#define MISSES(v) \
  (DECIDED(v) && (REPORTED_UP_TO(0) || TAKES_OVER(1, OTHER(v)) || TAKES_OVER(2, OTHER(v))))
#else
#define MISSES(v) false
#endif
/* Witnesses: claims that are wrong on purpose. That Spin refutes them shows that the search gets there. */
#if defined(WITNESS_DECISION)
#define HOLDS !QUORUM_OF(COMMIT(ROUNDS - 1, A))
#elif defined(WITNESS_AGAIN)
#define HOLDS !(QUORUM_OF(COMMIT(0, A)) && QUORUM_OF(COMMIT(1, A)))
#elif defined(WITNESS_PASSED_OVER)
#define HOLDS !(COUNT(COMMIT(0, A)) == 1 && QUORUM_OF(COMMIT(1, B)))
#elif defined(WITNESS_NEXT)
#define HOLDS !NEXT_DECIDED(A)
#elif defined(WITNESS_RECOVERY)
#define HOLDS !(DECIDED(A) && COUNT(ANY_REPORT) + LIARS >= RECOVER)
#else
#define HOLDS (!IS_FORK && !MISSES(A) && !MISSES(B))
#endif

#define SETTLE SORT; assert(HOLDS)

#define PREPARE_STEP(v) d_step { MAY_PREPARE(v) -> \
  printf("voter %d PREPARE round %d block %d\n", me, MY_ROUND, v); \
  VOTE(PREPARE(MY_ROUND, v)); mind[me] = mind[me] | (1 << (5 + v)); SETTLE }

/* The certificate is kept with the COMMIT that rests on it; the highest is the latest. */
#define COMMIT_STEP(v) d_step { MAY_COMMIT(v) -> \
  printf("voter %d COMMIT round %d block %d\n", me, MY_ROUND, v); \
  VOTE(COMMIT(MY_ROUND, v)); mind[me] = mind[me] | (1 << (7 + v)); \
  if \
  :: QUORUM_OF(PREPARE(MY_ROUND, v)) -> mind[me] = (mind[me] & ~PREPARED_BITS) | ((MY_ROUND + 1) << 2) \
  :: else \
  fi; SETTLE }

/* By timer, by a wrong block, behind f + 1 others or a justified proposal: at any time, to any higher round. */
#define LEAVE_STEP(to) d_step { MAY_LEAVE(to) -> \
  printf("voter %d ROUND_CHANGE to %d, prepared in %d\n", me, to, PREPARED(mind[me]) - 1); \
  VOTE(ROUND_CHANGE(to, PREPARED(mind[me]))); \
  mind[me] = (mind[me] & (PREPARED_BITS | NEXT_BITS)) | (to); SETTLE }

#define PREPARE_LATE_STEP(r, v) d_step { MAY_PREPARE_LATE(r, v) -> \
  printf("voter %d PREPARE round %d block %d, after it left\n", me, r, v); \
  VOTE(PREPARE(r, v)); SETTLE }
#define COMMIT_LATE_STEP(r, v) d_step { MAY_COMMIT_LATE(r, v) -> \
  printf("voter %d COMMIT round %d block %d, after it left\n", me, r, v); \
  VOTE(COMMIT(r, v)); \
  if \
  :: PREPARED(mind[me]) < (r) + 1 -> mind[me] = (mind[me] & ~PREPARED_BITS) | (((r) + 1) << 2) \
  :: else \
  fi; SETTLE }

#define PREPARE_NEXT_STEP(v) d_step { MAY_PREPARE_NEXT(v) -> \
  printf("voter %d PREPARE at the next height on block %d\n", me, v); \
  VOTE(NEXT_PREPARE(v)); mind[me] = mind[me] | (1 << (9 + v)); SETTLE }
#define COMMIT_NEXT_STEP(v) d_step { MAY_COMMIT_NEXT(v) -> \
  printf("voter %d COMMIT at the next height on block %d\n", me, v); \
  VOTE(NEXT_COMMIT(v)); mind[me] = mind[me] | (1 << (11 + v)); SETTLE }

/* ---- The journal: what is durable before what is sent. ---- */

#define IS_PREPARE(bits) (((bits) & 13107) != 0)
#define IS_COMMIT(bits) (((bits) & 52428) != 0)
#define IS_ROUND_CHANGE(bits) (((bits) & (511 << 16)) != 0)

#if defined(NO_JOURNAL)
#define WRITES false
#elif defined(JOURNAL_NO_PREPARE)
#define WRITES (!IS_PREPARE(pending[me]))
#elif defined(JOURNAL_NO_COMMIT)
#define WRITES (!IS_COMMIT(pending[me]))
#elif defined(JOURNAL_NO_ROUND_CHANGE)
#define WRITES (!IS_ROUND_CHANGE(pending[me]))
#else
#define WRITES true
#endif
#ifdef JOURNAL_NO_CERTIFICATE
#define RECORD ((mind[me] & ~PREPARED_BITS) | (disk[me] & PREPARED_BITS))
#else
#define RECORD mind[me]
#endif
#ifdef SEND_FIRST
#define MAY_WRITE (disk[me] != mind[me])
#define MAY_SEND (pending[me] != 0)
#define WROTE skip
#else
#define MAY_WRITE (pending[me] != 0 && (pending[me] & WRITTEN) == 0)
#define MAY_SEND ((pending[me] & WRITTEN) != 0)
#define WROTE pending[me] = pending[me] | WRITTEN
#endif

#define WRITE_STEP d_step { MAY_WRITE -> \
  if \
  :: WRITES -> disk[me] = RECORD \
  :: else \
  fi; WROTE; SETTLE }
#define SEND_STEP d_step { MAY_SEND -> \
  printf("voter %d sends\n", me); \
  sent[me] = sent[me] | (pending[me] & ~WRITTEN); pending[me] = 0; SETTLE }
/* Memory is gone, what was not sent stays unsent. Sending a written vote again is the same as no crash. */
#define CRASH_STEP d_step { (mind[me] != disk[me] || pending[me] != 0) -> \
  printf("voter %d crashes and restarts from its journal\n", me); \
  mind[me] = disk[me]; pending[me] = 0; SETTLE }

/* The disk is lost whole, the journal with it. */
#ifdef NO_AMNESIA
#define AFTER_WIPE 0
#else
#define AFTER_WIPE ABSTAINS
#endif
#define WIPE_STEP d_step { (mind[me] != AFTER_WIPE) -> \
  printf("voter %d loses its journal\n", me); \
  mind[me] = AFTER_WIPE; disk[me] = AFTER_WIPE; pending[me] = 0; SETTLE }

/* ---- A new epoch: renounce the old one, then report. ---- */

/* Renouncing is written first and reporting comes later, as with a vote. */
#ifdef RENOUNCE_NOT_WRITTEN
#define RENOUNCE_BITS 0
#else
#define RENOUNCE_BITS RENOUNCED
#endif
#ifdef RENOUNCE_LATER
#define MAY_REPORT (!HAS(me, ANY_REPORT) && IS_FREE)
#define MAY_RENOUNCE (HAS(me, ANY_REPORT) && IS_FREE)
#else
#define MAY_REPORT (!HAS(me, ANY_REPORT) && (mind[me] & RENOUNCED) != 0 && pending[me] == 0)
#define MAY_RENOUNCE (pending[me] == 0 && (mind[me] & RENOUNCED) == 0)
#endif
/* A voter that lost its journal may renounce, but has nothing to report. */
#ifdef RENOUNCE_UNSOUND
#define IS_SOUND true
#else
#define IS_SOUND ((mind[me] & ABSTAINS) == 0)
#endif
#define RENOUNCE_STEP d_step { MAY_RENOUNCE -> \
  printf("voter %d renounces the epoch\n", me); \
  mind[me] = mind[me] | RENOUNCED; disk[me] = disk[me] | RENOUNCE_BITS; SETTLE }
#define REPORT_STEP d_step { (MAY_REPORT && IS_SOUND) -> \
  printf("voter %d reports, prepared in %d\n", me, PREPARED(mind[me]) - 1); \
  sent[me] = sent[me] | REPORT(PREPARED(mind[me])); SETTLE }

proctype voter(byte me) {
end:
  do
  :: PREPARE_STEP(A)
  :: PREPARE_STEP(B)
  :: COMMIT_STEP(A)
  :: COMMIT_STEP(B)
  :: LEAVE_STEP(1)
#if ROUNDS > 2
  :: LEAVE_STEP(2)
#endif
#if ROUNDS > 3
  :: LEAVE_STEP(3)
#endif
#ifdef NO_S2
  :: PREPARE_LATE_STEP(0, A)
  :: PREPARE_LATE_STEP(0, B)
  :: COMMIT_LATE_STEP(0, A)
  :: COMMIT_LATE_STEP(0, B)
#endif
#ifdef NEXT_HEIGHT
  :: PREPARE_NEXT_STEP(A)
  :: PREPARE_NEXT_STEP(B)
  :: COMMIT_NEXT_STEP(A)
  :: COMMIT_NEXT_STEP(B)
#endif
#ifdef RECOVER
  :: RENOUNCE_STEP
  :: REPORT_STEP
#endif
#ifdef CRASH
  :: WRITE_STEP
  :: SEND_STEP
  :: CRASH_STEP
#endif
#ifdef WIPE
  :: WIPE_STEP
#endif
  od
}

/* An honest DSO proposes one justified block of its round, once. It may do so late: S2 of PROPOSALs is not used. */
#define PROPOSE_STEP(r, v) d_step { \
  (!IS_LIARS(r) && ((proposed >> (2 * r)) & 3) == 0 && MAY_NAME(v) && JUSTIFIED(r, v)) -> \
  printf("the DSO of round %d proposes block %d\n", r, v); \
  proposed = proposed | (1 << (2 * r + v)) }

proctype office() {
end:
  do
  :: PROPOSE_STEP(0, A)
  :: PROPOSE_STEP(0, B)
  :: PROPOSE_STEP(1, A)
  :: PROPOSE_STEP(1, B)
#if ROUNDS > 2
  :: PROPOSE_STEP(2, A)
  :: PROPOSE_STEP(2, B)
#endif
#if ROUNDS > 3
  :: PROPOSE_STEP(3, A)
  :: PROPOSE_STEP(3, B)
#endif
  od
}

init {
  atomic {
    run office();
    run voter(0);
    run voter(1);
#if HONEST > 2
    run voter(2);
#endif
#if HONEST > 3
    run voter(3);
#endif
#if HONEST > 4
    run voter(4);
#endif
  }
}
