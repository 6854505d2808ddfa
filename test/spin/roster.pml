/*
 * A change of the roster, active LAG heights after the block that holds it.
 *
 * Gateways 0 to 3 are the voters of height 1. Block A of height 1 changes the roster, block B does not; the heights
 * above continue one of them. Honest voters vote once a height, on their own head (S1, S5); a vote stands for all
 * phases, since what is asked here is which votes add up. Liars vote for everything; they are no more than either roster
 * bears. Three claims:
 *   isOneChain   A and B are not both decided;
 *   canJudge     whoever votes at a height knows the voters of that height and of the next;
 *   canBuild     a certificate that a gateway holds is one also for the block that embeds it.
 *
 * Switches (-D), see docs/spin.md. The change: REKEY, ADD, else gateway 3 is removed. LAG. The certificate read with the
 * voters of the block that embeds it: EMBEDDING_VOTERS. Wrong on purpose: WITNESS_….
 */

#ifndef LAG
#define LAG 2
#endif
#define GATEWAYS 5
#define HEIGHTS 4
#define A 0
#define B 1

/* Rosters are bits, one per gateway. */
#define OLD 15
#if defined(REKEY)
#define NEW (7 | 16)
#elif defined(ADD)
#define NEW (15 | 16)
#else
#define NEW 7
#endif
#define COUNT(set) \
  (((set) & 1) + (((set) >> 1) & 1) + (((set) >> 2) & 1) + (((set) >> 3) & 1) + (((set) >> 4) & 1))
#define FAULTY(set) ((COUNT(set) - 1) / 3)
#define QUORUM(set) ((COUNT(set) + FAULTY(set) + 2) / 2)

byte liars;
/* Who has voted at a height for the block that continues A, and B: the liars in all of them. */
byte votes[8];
#define VOTES(h, v) votes[2 * ((h) - 1) + (v)]
/* The newest height that a gateway holds, and which chain. */
byte head[GATEWAYS];
byte chain[GATEWAYS];

#define VOTERS(h, v) ((v) == A && (h) >= 1 + LAG -> NEW : OLD)
#define IS_CERTIFICATE(h, v, set) (COUNT(VOTES(h, v) & (set)) >= QUORUM(set))
#define DECIDED(h, v) IS_CERTIFICATE(h, v, VOTERS(h, v))
#define IS_IN(i, set) ((((set) >> (i)) & 1) == 1)

/* What a gateway with this head takes for the voters of a height: a change that it has not got, it does not know. */
#define BELIEVED(i, h) (head[i] >= 1 -> VOTERS(h, chain[i]) : OLD)

bool isOneChain = true;
bool canJudge = true;
bool canBuild = true;

/* A vote for the height after the one that gateway i votes at. */
#define JUDGE_EARLY(i, voter, h) \
  canJudge = canJudge && (head[i] + 2 != (h) || IS_IN(i, liars) || IS_IN(voter, BELIEVED(i, h)))

#define MAY_VOTE(h, v) \
  (head[me] == (h) - 1 && ((h) == 1 || chain[me] == (v)) && IS_IN(me, VOTERS(h, v)) && \
   !IS_IN(me, VOTES(h, A)) && !IS_IN(me, VOTES(h, B)))
#define STEPS_AT(h, v) \
  :: d_step { MAY_VOTE(h, v) -> printf("gateway %d votes at height %d, chain %d\n", me, h, v); \
       VOTES(h, v) = VOTES(h, v) | (1 << me); \
       JUDGE_EARLY(0, me, h); JUDGE_EARLY(1, me, h); JUDGE_EARLY(2, me, h); JUDGE_EARLY(3, me, h); \
       isOneChain = !(DECIDED(1, A) && DECIDED(1, B)); \
       assert(isOneChain); assert(canJudge) } \
  :: d_step { (head[me] == (h) - 1 && ((h) == 1 || chain[me] == (v)) && DECIDED(h, v)) -> \
       printf("gateway %d holds height %d, chain %d\n", me, h, v); \
       head[me] = h; chain[me] = v; canBuild = EMBEDS(h, v); assert(canBuild) }

/* The certificate is of the votes that the gateway decided by. */
#ifdef EMBEDDING_VOTERS
#define EMBEDS(h, v) IS_CERTIFICATE(h, v, VOTERS((h) + 1, v))
#else
#define EMBEDS(h, v) IS_CERTIFICATE(h, v, VOTERS(h, v))
#endif

proctype gateway(byte me) {
end:
  do
  STEPS_AT(1, A)
  STEPS_AT(1, B)
  STEPS_AT(2, A)
  STEPS_AT(2, B)
  STEPS_AT(3, A)
  STEPS_AT(3, B)
  STEPS_AT(4, A)
  STEPS_AT(4, B)
#ifdef WITNESS_CHANGE
  :: d_step { DECIDED(4, A) -> assert(!IS_IN(4, VOTES(4, A))) }
#endif
  od
}

init {
  byte i;
  atomic {
    select(i : 0 .. 31);
endImpossible:
    (COUNT(i & OLD) <= FAULTY(OLD) && COUNT(i & NEW) <= FAULTY(NEW) && (i & ~(OLD | NEW)) == 0);
    liars = i;
    for (i : 0 .. 7) {
      votes[i] = liars
    }
    for (i : 0 .. GATEWAYS - 1) {
      if
      :: !IS_IN(i, liars) -> run gateway(i)
      :: else
      fi
    }
    i = 0
  }
}
