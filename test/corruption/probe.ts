/** Opens a ledger and reads all of it, in a process that LevelDB may end. */

import { openStore } from "../../agent/adapters/store/levelStore.ts";
import { height as heightOf } from "../../agent/core/units.ts";

const store = await openStore(process.argv[2] ?? "");
const head = await store.head();
for (let at = store.base; at <= (head?.height ?? 0); at = heightOf(at + 1)) await store.block(at);
await store.close();
