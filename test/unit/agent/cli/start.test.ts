/** `edso start`: signals, failures, and which configuration is taken. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { StopSignal } from "../../../../agent/cli/terminal.ts";
import type { Config } from "../../../../agent/config/schema.ts";
import { AgentError } from "../../../../agent/core/errors.ts";
import { edso, writeConfig } from "../../../support/cliWorld.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";

const test = suite("edso start");

/** An agent that runs until it is stopped or fails. */
function fakeAgent() {
  const { promise: done, resolve: end, reject: fail } = deferred();
  const { promise: started, resolve: tellStarted } = deferred();
  const configs: Config[] = [];
  const stops: string[] = [];
  const startAgent = async (config: Config) => {
    configs.push(config);
    setImmediate(tellStarted);
    return { done, stop: async () => void stops.push("stop") };
  };
  return { startAgent, started, end, fail, configs, stops };
}

function deferred() {
  let resolve: () => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

test("stops the agent on the first signal and ends with 0", async () => {
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    await withTemporaryDirectory(async (directory) => {
      const agent = fakeAgent();
      let signal: (name: StopSignal) => void = assert.unreachable;
      const running = edso(["start", "--config", await writeConfig(directory)], {
        startAgent: agent.startAgent,
        onListen: (listener) => {
          signal = listener;
        },
      });
      await agent.started;
      signal(name);
      assert.is((await running).exit, 0);
      assert.equal(agent.stops, ["stop"]);
    });
  }
});

test("stops an agent that was still starting when the signal came", async () => {
  await withTemporaryDirectory(async (directory) => {
    const agent = fakeAgent();
    const run = await edso(["start", "--config", await writeConfig(directory)], {
      startAgent: agent.startAgent,
      onListen: (signal) => signal("SIGTERM"),
    });
    assert.equal([run.exit, agent.stops], [0, ["stop"]]);
  });
});

test("ends at once on a second signal, whatever the agent still does", async () => {
  await withTemporaryDirectory(async (directory) => {
    const exits: number[] = [];
    const agent = fakeAgent();
    const { done } = await agent.startAgent({} as Config);
    const run = await edso(["start", "--config", await writeConfig(directory)], {
      startAgent: async () => ({ done, stop: () => new Promise(() => {}) }),
      onListen: (signal) => {
        signal("SIGINT");
        assert.equal(exits, []);
        signal("SIGTERM");
      },
      exitNow: (code) => {
        exits.push(code);
        agent.end();
      },
    });
    assert.equal([run.exit, exits], [0, [143]]);
  });
});

test("ends with the code of the failure that ended the agent", async () => {
  await withTemporaryDirectory(async (directory) => {
    const agent = fakeAgent();
    const running = edso(["start", "--config", await writeConfig(directory)], {
      startAgent: agent.startAgent,
    });
    await agent.started;
    agent.fail(new AgentError("STORE_WRITE", {}));
    assert.is((await running).exit, 74);
  });
});

test("finds the configuration by --config, --data or EDSO_CONFIG, and takes the environment over it", async () => {
  await withTemporaryDirectory(async (directory) => {
    const path = await writeConfig(directory);
    for (const [args, env] of [
      [["--config", path], {}],
      [["--data", directory], {}],
      [[], { EDSO_CONFIG: path }],
    ] as const) {
      const agent = fakeAgent();
      agent.end();
      const run = await edso(["start", ...args], {
        startAgent: agent.startAgent,
        env: { ...env, EDSO_LOG_LEVEL: "debug" },
      });
      assert.is(run.exit, 0);
      assert.is(agent.configs[0]?.log.level, "debug");
      assert.is(agent.configs[0]?.api.socket, join(directory, "agent.sock"));
    }
  });
});

test("names every fault of the configuration with its line and ends with 78", async () => {
  await withTemporaryDirectory(async (directory) => {
    const path = await writeConfig(directory, "name: Dep\ndataDirectory: .\nlins: []\n");
    const run = await edso(["start", "--config", path]);
    assert.is(run.exit, 78);
    assert.match(run.error, `${path}:1:7 name is "Dep"`);
    assert.match(run.error, `${path}:3:1 lins`);
    assert.match(run.error, "code: CONFIG_INVALID");
  });
});

test("ends with 66 when there is no configuration", async () => {
  const run = await edso(["start", "--config", "/nowhere/edso.yaml"]);
  assert.is(run.exit, 66);
  assert.match(run.error, "code: CONFIG_MISSING");
});

test.run();
