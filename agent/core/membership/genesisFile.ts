/**
 * `genesis.cbor` of any epoch: the genesis by itself, or a recovery around the file of the epoch before it, so that one
 * file is enough to verify the whole chain. Beside the newest recovery travels the block that it adopts.
 *
 * @source docs/adr/0026
 */
import { bytes, type DecodeRefusal, type Decoder, decode, encode, nullable, tuple } from "../codec.ts";
import { SIGNATURE_BYTES, type Verify } from "../signature.ts";
import { accept, reject, type Verdict } from "../verdict.ts";
import {
  baseHeight,
  cborRecovery,
  type Epoch,
  epochOf,
  firstEpoch,
  MAX_EPOCHS,
  type RecoveryBody,
  recoveryDecoder,
  recoverySignBytes,
} from "./epoch.ts";
import {
  encodeGenesis,
  type Genesis,
  type GenesisRefusal,
  MAX_GENESIS_BYTES,
  readGenesis,
} from "./genesis.ts";
import { rosterOf } from "./roster.ts";

/** A recovery with the GridAdmin's signature. */
export type SignedRecovery = { readonly recovery: RecoveryBody; readonly signature: Uint8Array };

/** The adopted block and the PREPAREs of a quorum for it; unsigned, bound by the hash in its recovery. */
export type AdoptedBlock = { readonly certificate: Uint8Array; readonly block: Uint8Array };

/** Everything a genesis file says. */
export type GenesisFile = {
  readonly genesis: Genesis;
  /** Oldest first; none in a street that was never recovered. */
  readonly recoveries: readonly SignedRecovery[];
  /** The block that the newest recovery adopts; null when it adopts none. */
  readonly adopted: AdoptedBlock | null;
};

/** Codes a genesis file is refused with. */
export type GenesisFileRefusal =
  | GenesisRefusal
  | "RECOVERY_EPOCH"
  | "RECOVERY_BACKWARDS"
  | "RECOVERY_NO_VOTER"
  | "RECOVERY_BLOCK_MISSING";

/** Longest block that a recovery adopts, and longest certificate of it: those of the agreement. */
const MAX_ADOPTED_BYTES = { block: 1_048_576, certificate: 65_536 } as const;
/** Longest recovery: the longest roster delta and what surrounds it. */
const MAX_RECOVERY_BYTES = 1_048_576;
/** Longest file: the genesis, every recovery there may be, and one block. */
export const MAX_GENESIS_FILE_BYTES =
  MAX_GENESIS_BYTES +
  MAX_EPOCHS * MAX_RECOVERY_BYTES +
  MAX_ADOPTED_BYTES.block +
  MAX_ADOPTED_BYTES.certificate;

/** What a file around another says. */
type Layer = SignedRecovery & { readonly inner: Uint8Array; readonly adopted: AdoptedBlock | null };

/** @param file any @returns its canonical bytes, as in `genesis.cbor` */
export function encodeGenesisFile({ genesis, recoveries, adopted }: GenesisFile): Uint8Array {
  let encoded = encodeGenesis(genesis);
  for (const [index, { recovery, signature }] of recoveries.entries()) {
    const block = index === recoveries.length - 1 ? adopted : null;
    const carried = block === null ? null : [block.certificate, block.block];
    encoded = encode([cborRecovery(recovery), signature, encoded, carried]);
  }
  return encoded;
}

/** @param file read and verified @returns its epochs, oldest first, at least one */
export function epochsOf({ genesis, recoveries }: GenesisFile): readonly Epoch[] {
  return [firstEpoch(genesis.body), ...recoveries.map(({ recovery }) => epochOf(recovery))];
}

/**
 * Reads an untrusted genesis file: the genesis, and that each recovery follows from the epoch before it and is signed by
 * the GridAdmin. Whether the chain is what a recovery says of it is the ledger's to judge.
 *
 * @param encoded bytes of `genesis.cbor`
 * @param verify judges the signatures
 * @returns what it says, or the first reason to refuse it
 */
export function openGenesisFile(
  encoded: Uint8Array,
  verify: Verify,
): Verdict<GenesisFile, GenesisFileRefusal> {
  const layers = unwrap(encoded);
  if (layers.kind !== "accept") return layers;
  const genesis = readGenesis(layers.value.core, verify);
  if (genesis.kind !== "accept") return genesis;
  let before = firstEpoch(genesis.value.body);
  for (const { recovery, signature } of layers.value.recoveries) {
    const judged = judgeRecovery(genesis.value, before, recovery);
    if (judged.kind !== "accept") return judged;
    if (!verify(genesis.value.body.gridAdminKey, recoverySignBytes(recovery), signature))
      return reject("BAD_SIGNATURE", `recovery of epoch ${recovery.epoch}`);
    before = epochOf(recovery);
  }
  const { recoveries, adopted } = layers.value;
  const isExpected = (before.recovery?.prepared ?? null) !== null;
  if (isExpected !== (adopted !== null)) return reject("RECOVERY_BLOCK_MISSING");
  return accept({ genesis: genesis.value, recoveries, adopted });
}

function judgeRecovery(
  { body }: Genesis,
  before: Epoch,
  recovery: RecoveryBody,
): Verdict<RecoveryBody, GenesisFileRefusal> {
  if (recovery.epoch !== before.number + 1 || recovery.previous !== before.chainId)
    return reject("RECOVERY_EPOCH", `${recovery.epoch} after ${before.number}`);
  if (recovery.head.height < baseHeight(before))
    return reject("RECOVERY_BACKWARDS", `${recovery.head.height}`);
  const { members } = rosterOf(body, recovery.roster);
  return members.some(({ isVoter }) => isVoter) ? accept(recovery) : reject("RECOVERY_NO_VOTER");
}

/** From the outside in; what is returned is from the inside out. */
function unwrap(
  encoded: Uint8Array,
): Verdict<Pick<GenesisFile, "recoveries" | "adopted"> & { readonly core: Uint8Array }, GenesisFileRefusal> {
  const layers: Layer[] = [];
  let core = encoded;
  for (let depth = 0; depth < MAX_EPOCHS; depth += 1) {
    const opened = openLayer(core);
    if (opened.kind !== "accept") return opened;
    if (opened.value === null) {
      const recoveries = layers.toReversed().map(({ recovery, signature }) => ({ recovery, signature }));
      return accept({ core, recoveries, adopted: layers[0]?.adopted ?? null });
    }
    layers.push(opened.value);
    core = opened.value.inner;
  }
  return reject("RECOVERY_EPOCH", `more than ${MAX_EPOCHS} epochs`);
}

/** @returns null for the genesis itself, which is read by itself */
function openLayer(encoded: Uint8Array): Verdict<Layer | null, DecodeRefusal> {
  return decode(encoded, layerDecoder, MAX_GENESIS_FILE_BYTES);
}

const layerDecoder: Decoder<Layer | null> = (value) => {
  if (Array.isArray(value) && value.length === 2) return null;
  const [recovery, signature, inner, carried] = tuple(
    recoveryDecoder,
    bytes(SIGNATURE_BYTES),
    bytes(0, MAX_GENESIS_FILE_BYTES),
    nullable(tuple(bytes(0, MAX_ADOPTED_BYTES.certificate), bytes(0, MAX_ADOPTED_BYTES.block))),
  )(value);
  const adopted = carried === null ? null : { certificate: carried[0], block: carried[1] };
  return { recovery, signature, inner, adopted };
};
