import "./compat.ts";
import { Command } from "commander";
import { demoCommand } from "./cli/demo.ts";
import { watchParent } from "./cli/parentWatch.ts";
import { loadConfig } from "./config/load.ts";
import { agentClient } from "./adapters/http/client.ts";
import { startAgent } from "./main.ts";
import { createKeys, loadKeys } from "./adapters/signer/keyFiles.ts";
import { peerIdOf } from "./adapters/transport/peerId.ts";
import { openSigner } from "./adapters/signer/fileSigner.ts";
import { startSimulatedLine } from "../drivers/simulator/simulatedLine.ts";
import { meterDefinition } from "../drivers/registry.ts";
import { householdLoad, solarGeneration, windGeneration, constantCurve } from "../drivers/simulator/curve.ts";
import { initialEnergies } from "../drivers/simulator/energyCounter.ts";
import { unixMs } from "./core/units.ts";
const program = new Command("edso").exitOverride();
program.command("start").requiredOption("--config <f>").action(async (o) => {
  const agent = await startAgent(loadConfig(o.config, process.env));
  watchParent(process.env, () => void agent.stop());
  for (const s of ["SIGINT", "SIGTERM"] as const) process.on(s, () => void agent.stop());
  await agent.done;
});
const curveOf = (c: any) => c.kind === "household" ? householdLoad({ seed: c.seed }) : c.kind === "idle" ? constantCurve(0) : c.kind === "solar" ? solarGeneration({ seed: c.seed, peakW: c.ratedW }) : windGeneration({ seed: c.seed, ratedW: c.ratedW });
program.addCommand(demoCommand({
  createKeys: (d: string) => createKeys(d),
  loadIdentity: async (d: string) => { const k = await loadKeys(d); const s = openSigner(k.ledger); return { publicKey: s.publicKey, peerId: peerIdOf(k.transport), recordsKey: k.records, sign: (m: Uint8Array) => s.sign(m) }; },
  startSimulatedLine: (o: any) => startSimulatedLine({ settings: { baudRate: o.baudRate, parity: "none", dataBits: 8, stopBits: 1 }, nowMs: () => unixMs(Date.now()), startedAtMs: unixMs(o.startsAtMs), startMinute: Math.floor(o.virtualStartSeconds / 60), timeLapse: o.timeLapse, thinkTimeMs: 20, hasWireTime: true,
    meters: o.meters.map((m: any) => ({ definition: meterDefinition(m.definition), unitId: m.unitId, serial: Number(m.serial), curve: curveOf(m.curve), initial: initialEnergies(m.curve.seed, m.role) })) }),
  agentClient: (p: string) => agentClient(p) as never,
} as never));
await program.parseAsync(process.argv);
