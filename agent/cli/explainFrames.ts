/** The failures of showing the raw frames of a reading. */
import type { Known } from "./explainRecovery.ts";

/** By code. @source sysexits(3) */
export const FRAMES_KNOWN: Readonly<Record<string, Known>> = {
  FRAMES: { exit: 74, what: "the raw frames cannot be read", next: "check the health of the disk" },
  FRAMES_NOT_KEPT: {
    exit: 66,
    what: "the raw frames of this reading are not kept",
    next: "they are kept for about a month, on the gateway that read the meters; a power cut or a spoilt file may have cost them",
  },
  FRAMES_DIFFER: {
    exit: 65,
    what: "the raw frames are not those that the signed reading was decoded from",
    next: "somebody has changed the files under frames/: the reading in the block stands, these frames prove nothing",
  },
  LEDGER_NO_READING: {
    exit: 66,
    what: "the ledger holds no measured reading of this gateway for the interval",
    next: "`edso ledger show` lists what a block settled; a spanning or missing reading rests on no frames of its own",
  },
};
