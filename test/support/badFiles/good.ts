/** A file the runner must judge good: two suites, hooks, a resource that is closed. */
import { createServer, type Server } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const sums = suite("sums");
sums("adds", () => assert.is(1 + 1, 2));
sums("adds later", async () => assert.is(await Promise.resolve(2), 2));
sums.run();

const listening = suite<{ server: Server }>("listening");
listening.before((context) => {
  context.server = createServer().listen(0, "127.0.0.1");
});
listening.after((context) => new Promise((resolve) => context.server.close(() => resolve())));
listening("has a server", ({ server }) => assert.ok(server));
listening.run();
