/** Modules of an agent whose power can be cut: from then on nothing it began is finished, and nothing wakes it. */
import type { Cancel, Clock } from "../../agent/ports/clock.ts";
import type { Outbox } from "../../agent/ports/outbox.ts";
import type { AgentModules } from "../../agent/services/agentModules.ts";
import { wrappedTransport } from "./wrappedTransport.ts";

/** How long a message is under way at most. */
const UNDER_WAY_MS = 10;

/** One life of a gateway. */
export type Power = {
  /** The modules to build the agent of this life from. */
  readonly modules: AgentModules;
  /** Cuts the power: what is on the disks stays, all else is gone. */
  readonly cut: () => void;
};

/** @param modules of the life; disk and network of a cut life never answer @returns them under a switch */
export function powered(modules: AgentModules): Power {
  const { clock, signer, store, transport, voteJournal } = modules;
  const wakes = new Set<Cancel>();
  let isOn = true;
  /** Runs while the power is on; a promise of a cut life never settles. */
  const guard =
    <Arguments extends unknown[], T>(call: (...given: Arguments) => Promise<T>) =>
    async (...given: Arguments): Promise<T> => {
      if (!isOn) await never();
      const answer = await call(...given);
      if (!isOn) await never();
      return answer;
    };
  const poweredClock: Clock = {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    trust: () => clock.trust(),
    ...(clock.hear === undefined ? {} : { hear: (...heard) => clock.hear?.(...heard) }),
    after: (delayMs, callback) => {
      if (!isOn) return () => {};
      const cancel = clock.after(delayMs, () => {
        wakes.delete(cancel);
        callback();
      });
      wakes.add(cancel);
      return cancel;
    },
  };
  const poweredOutbox = (outbox: Outbox): Outbox => ({
    boot: outbox.boot,
    nextSequence: () => outbox.nextSequence(),
    append: guard((entry) => outbox.append(entry)),
    skipTo: guard((sequence) => outbox.skipTo(sequence)),
    release: guard((release) => outbox.release(release)),
    pending: () => outbox.pending(),
    lastRelease: () => outbox.lastRelease(),
    close: () => outbox.close(),
  });
  return {
    modules: {
      ...modules,
      transport: wrappedTransport(transport, {
        publish: guard((channel, bytes) => transport.publish(channel, bytes)),
        request: guard((peerId, bytes, limits) => transport.request(peerId, bytes, limits)),
      }),
      clock: poweredClock,
      signer: { publicKey: signer.publicKey, sign: guard((message) => signer.sign(message)) },
      outbox: poweredOutbox(modules.outbox),
      transactionOutbox: poweredOutbox(modules.transactionOutbox),
      store: {
        head: guard(() => store.head()),
        block: guard((at) => store.block(at)),
        heightOf: guard((blockHash) => store.heightOf(blockHash)),
        commit: guard((block, state, entry) => store.commit(block, state, entry)),
        get isSound() {
          return store.isSound;
        },
        get base() {
          return store.base;
        },
        snapshotHeights: () => store.snapshotHeights(),
        snapshot: guard((at) => store.snapshot(at)),
        changeAbove: guard((at) => store.changeAbove(at)),
        adopt: guard((block, state, changes) => store.adopt(block, state, changes)),
        // Asked at a stop, which a test also asks of a life that was cut.
        markSound: async () => (isOn ? store.markSound() : undefined),
        close: () => store.close(),
      },
      voteJournal: {
        starts: voteJournal.starts,
        damage: voteJournal.damage,
        abstention: () => voteJournal.abstention(),
        returnedAt: () => voteJournal.returnedAt(),
        epoch: () => voteJournal.epoch(),
        renounced: () => voteJournal.renounced(),
        renounce: guard((starts) => voteJournal.renounce(starts)),
        enter: guard((epoch, forgiven) => voteJournal.enter(epoch, forgiven)),
        votes: () => voteJournal.votes(),
        held: () => voteJournal.held(),
        append: guard((vote, electors) => voteJournal.append(vote, electors)),
        resume: guard((height, starts) => voteJournal.resume(height, starts)),
        abstain: guard((abstention) => voteJournal.abstain(abstention)),
        close: () => voteJournal.close(),
      },
    },
    cut: () => {
      isOn = false;
      for (const cancel of wakes) cancel();
      // What it has handed to the network by now still arrives.
      clock.after(UNDER_WAY_MS, () => void transport.stop());
    },
  };
}

function never(): Promise<never> {
  return new Promise(() => {});
}
