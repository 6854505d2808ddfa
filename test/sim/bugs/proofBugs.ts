/** Planted bugs of what is believed without proof: signatures, certificates, blocks from a peer. */
import type { PlantedBug } from "../plantedBugSpec.ts";

const CORE = "agent/core";
const SAFETY = [
  { mode: "safety", members: 4 },
  { mode: "safety", members: 7 },
] as const;
const LIAR = [
  { mode: "liar", members: 4 },
  { mode: "liar", members: 7 },
] as const;

export const PROOF_BUGS: readonly PlantedBug[] = [
  {
    name: "signatures of votes are not verified",
    patches: [
      {
        file: `${CORE}/consensus/verifyMessage.ts`,
        from: "if (!context.verify(sender.publicKey, signed, message.signature)) return",
        to: "if (signed.length === 0) return",
      },
    ],
    hunts: SAFETY,
  },
  {
    name: "signatures in certificates are not verified",
    patches: [
      {
        file: `${CORE}/consensus/certificate.ts`,
        from: "if (key === undefined || !context.verify(key, message, signer.signature))",
        to: "if (key === undefined || message.length === 0)",
      },
    ],
    hunts: SAFETY,
  },
  {
    name: "the parent's certificate is not verified",
    patches: [
      {
        file: `${CORE}/ledger/blocks/judgeBlock.ts`,
        from: '  if (encoded === null) return reject("PARENT_CERTIFICATE_MISSING");\n  return judgeCertificate(context, state, encoded);',
        to: '  if (encoded === null) return reject("PARENT_CERTIFICATE_MISSING");\n  const { voters } = contextAt(context, state, state.height);\n  return decodeCommitCertificate(encoded, state.height, voters.voters);',
      },
    ],
    hunts: LIAR,
  },
  {
    name: "a fetched block is taken without its certificate",
    patches: [
      {
        file: `${CORE}/ledger/chain/chain.ts`,
        from: "const certified = judgeDecided(context, after, entry.certificate);",
        to: "void judgeDecided; const certified = accept(0) as Verdict<number, ChainRefusal>;",
      },
    ],
    hunts: SAFETY,
  },
  {
    name: "the state's root is not compared",
    patches: [
      {
        file: `${CORE}/ledger/blocks/judgeBlock.ts`,
        from: "if (!equalBytes(encodeBlock(assembled.block), encoded)) {",
        to: "const { header } = assembled.block; if (!equalBytes(encodeBlock({ ...assembled.block, header: { ...header, stateRoot: block.header.stateRoot } }), encoded)) {",
      },
    ],
    hunts: LIAR,
  },
  {
    name: "an interval may be skipped",
    patches: [
      {
        file: `${CORE}/ledger/blocks/judgeBlock.ts`,
        from: "const isContiguous = body.intervals.every(({ interval }, index) => interval === state.nextInterval + index);",
        to: "const isContiguous = body.intervals.every(({ interval }, index) => interval >= state.nextInterval + index);",
      },
      {
        file: `${CORE}/ledger/blocks/judgeBlock.ts`,
        from: "|| header.from !== state.nextInterval)",
        to: "|| header.from < state.nextInterval)",
      },
      {
        file: `${CORE}/ledger/blocks/judgeBlock.ts`,
        from: "  const readings = judgeReadings(context, state, block);",
        to: "  const skipped = { ...state, nextInterval: block.header.from };\n  const readings = judgeReadings(context, skipped, block);",
      },
      {
        file: `${CORE}/ledger/blocks/judgeBlock.ts`,
        from: "const assembled = assembleBlock(context, state, {",
        to: "const assembled = assembleBlock(context, skipped, {",
      },
    ],
    hunts: SAFETY,
  },
  {
    name: "a mandate may pass over a prepared block",
    patches: [
      {
        file: `${CORE}/consensus/mandate.ts`,
        from: "if (certificate.signers.some((signer) => signer.preparedHash !== null))",
        to: "if (certificate.signers.length === 0)",
      },
      {
        file: `${CORE}/consensus/justification.ts`,
        from: 'return claim.preparedHash === null ? accept(null) : reject("PREPARED_MISSING");',
        to: "return accept(null);",
      },
    ],
    hunts: SAFETY,
  },
  {
    name: "the prepared block need not be the one that is proposed again",
    patches: [
      {
        file: `${CORE}/consensus/justification.ts`,
        from: "  return prepared.blockHash === proposal.blockHash\n",
        to: "  return prepared.blockHash !== null\n",
      },
    ],
    hunts: SAFETY,
  },
];
