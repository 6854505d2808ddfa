import "../../agent/compat.ts";
import { openLibp2pStreet } from "../support/transportStreet.ts";
import { monitorEventLoopDelay } from "node:perf_hooks";
const n = Number(process.argv[2] ?? 20);
const names = Array.from({ length: n }, (_, i) => `g${i}`);
const street = await openLibp2pStreet({ gateways: names });
const h = monitorEventLoopDelay({resolution: 10}); h.enable();
const t0 = performance.now();
await Promise.all(names.map(x => street.gateway(x).transport.start(() => ({kind:"accept", value:null}))));
console.log("started", Math.round(performance.now()-t0));
for (let i=0;i<20;i++){ await new Promise(r=>setTimeout(r,1000));
 const c = names.map(x => street.gateway(x).transport.peers().filter(p=>p.connected).length);
 const ev: Record<string, number> = {};
 for (const x of names) for (const e of street.gateway(x).log.events) { const k = e.event + (e.fields.reason ? ":"+e.fields.reason : ""); ev[k]=(ev[k]??0)+1; }
 console.log(Math.round(performance.now()-t0), c.reduce((a,b)=>a+b,0), n*(n-1), JSON.stringify(ev), "maxdelay", Math.round(h.max/1e6)); h.reset();
 if (c.reduce((a,b)=>a+b,0) === n*(n-1)) break;
}
await street.close();
