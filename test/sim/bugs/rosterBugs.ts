/** Planted bugs of roster changes: who takes part and who votes at which height. */
import type { PlantedBug } from "../plantedBugSpec.ts";

const LEDGER = "agent/core/ledger";
const MEMBERSHIP = "agent/core/membership";
const HUNTS = [
  { mode: "safety", members: 4 },
  { mode: "safety", members: 3 },
] as const;
const ACTIVE_AFTER = { file: `${LEDGER}/transactions/applyRosterChange.ts`, from: "const ACTIVE_AFTER = 2;" };

export const ROSTER_BUGS: readonly PlantedBug[] = [
  {
    name: "a change of the roster is active one height after its block",
    patches: [{ ...ACTIVE_AFTER, to: "const ACTIVE_AFTER = 1;" }],
    hunts: HUNTS,
  },
  {
    name: "a change of the roster is active three heights after its block",
    patches: [{ ...ACTIVE_AFTER, to: "const ACTIVE_AFTER = 3;" }],
    hunts: HUNTS,
  },
  {
    name: "a quorum of the voters that the genesis had",
    patches: [
      {
        file: "agent/core/consensus/quorum.ts",
        from: "Math.ceil((voterCount + maxFaulty(voterCount) + 1) / 2)",
        to: "3",
      },
    ],
    hunts: [{ mode: "safety", members: 4 }],
  },
  {
    name: "the head's certificate is read with the voters of the next height",
    patches: [
      {
        file: `${LEDGER}/blocks/judgeBlock.ts`,
        from: "return judgeCertificateOf(contextAt(context, state, state.height).voters, state, encoded);",
        to: "void contextAt; return judgeCertificateOf(contextOfNext(context, state).voters, state, encoded);",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a revoked member goes on voting",
    patches: [
      {
        file: `${LEDGER}/state/context.ts`,
        from: "voters: electorsOf(genesis, delta),",
        to: "voters: electorsOf(genesis, { ...delta, removed: [] }),",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "two changes of the roster on their way",
    patches: [
      {
        file: `${LEDGER}/transactions/applyRosterChange.ts`,
        from: '  if (state.pendingChange !== null) return reject("ROSTER_IN_FLIGHT");\n',
        to: "",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "who was admitted later stands last among the voters",
    patches: [
      {
        file: `${LEDGER}/state/context.ts`,
        from: "voters: electorsOf(genesis, delta),",
        to: "voters: [true, false].flatMap((first) => electorsOf(genesis, delta).filter((one) => first === genesis.members.some(({ body }) => body.publicKey === one.publicKey))),",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a guest votes",
    patches: [
      {
        file: `${MEMBERSHIP}/roster.ts`,
        from: "new Set([...suspended, ...guests])",
        to: "new Set(suspended)",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "an enrolment needs no right signature",
    patches: [
      {
        file: `${MEMBERSHIP}/enrolment.ts`,
        from: 'if (!verify(body.publicKey, enrolmentSignBytes(body), signature)) return reject("BAD_SIGNATURE");',
        to: "void verify; void signature;",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a member changes the roster",
    patches: [
      {
        file: `${LEDGER}/transactions/applyRosterChange.ts`,
        from: 'return signer === GRID_ADMIN ? accept(change) : reject("ROSTER_NOT_ENTITLED");',
        to: "return accept(change);",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "whoever is asked for is suspended, absent or not",
    patches: [
      {
        file: `${LEDGER}/transactions/applyRosterChange.ts`,
        from: "(state.absences.get(change.member) ?? 0) >= ABSENT_CERTIFICATES",
        to: "(state.absences.get(change.member) ?? 0) <= ABSENT_CERTIFICATES",
      },
    ],
    hunts: [
      { mode: "safety", members: 5 },
      { mode: "safety", members: 6 },
    ],
  },
  {
    name: "a DSO that is no voter any more keeps its office",
    patches: [
      {
        file: "agent/core/consensus/candidates.ts",
        from: "seating.demoted.has(office.dso) ||\n    !seating.voters.includes(office.dso)",
        to: "seating.demoted.has(office.dso)",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a household's account does not follow it to its new key",
    patches: [
      {
        file: `${LEDGER}/state/context.ts`,
        from: "return byId.has(successor) ? moved(money, change.member, successor) : money;",
        to: "void moved; void byId; void successor; return money;",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a household's registers do not follow it to its new key",
    patches: [
      {
        file: `${LEDGER}/state/context.ts`,
        from: "members.set(id, inherited ?? NEW_MEMBER)",
        to: "members.set(id, inherited === undefined ? NEW_MEMBER : NEW_MEMBER)",
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "what a revoked member wished stays in the pool",
    patches: [
      {
        file: "agent/services/pools/transactionPool.ts",
        from: "return (signer) => signer === GRID_ADMIN || byId.has(signer);",
        to: "return (signer) => signer === GRID_ADMIN || byId.size > 0;",
      },
    ],
    hunts: [
      { mode: "safety", members: 5 },
      { mode: "safety", members: 4 },
    ],
  },
  {
    name: "a reading of whoever is not known here is its sender's fault",
    patches: [
      {
        file: "agent/core/metering/validate.ts",
        from: 'return ignore("NOT_IN_ROSTER", reading.member);',
        to: 'return reject("NOT_IN_ROSTER", reading.member);',
      },
    ],
    hunts: HUNTS,
  },
  {
    name: "a vote that was read with another height's voters is its sender's fault",
    patches: [
      {
        file: "agent/services/exchange/inbox.ts",
        from: "return votedAt === undefined ? read : unreadableVote(modules, read, votedAt);",
        to: "return read;",
      },
    ],
    hunts: HUNTS,
  },
];
