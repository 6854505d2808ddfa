/** Lines that are lent over the local API: for as long as the borrower's connection stands, and no longer. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type BorrowedLine, borrowLine } from "../../../../agent/adapters/http/borrowLine.ts";
import type { LineLender } from "../../../../agent/ports/commissioning.ts";
import { DriverError } from "../../../../drivers/driverError.ts";
import { makeServer } from "../../../support/apiWorld.ts";
import { failsWith } from "../../../support/failure.ts";
import { FakeAgentView } from "../../../support/fakeAgentView.ts";
import { withTemporaryDirectory } from "../../../support/temporaryDirectory.ts";
import { until } from "../../../support/until.ts";

const PORT = "/dev/serial/by-id/usb-1";

type World = {
  readonly socketPath: string;
  readonly calls: string[];
  readonly logged: readonly string[];
  stop(): Promise<void>;
};

const test = suite("loan of a line");

test("a line is lent, and taken back when the borrower gives it back", () =>
  withLender(async ({ socketPath, calls, logged }) => {
    const loan = await borrowed(socketPath);
    assert.equal(calls, [`lend ${PORT}`]);
    await loan.giveBack();
    await until("it is taken back", () => calls.length === 2);
    assert.equal(calls, [`lend ${PORT}`, "take back"]);
    assert.equal(logged, ["line.lent", "line.returned"]);
  }));

test("a second borrower is refused while the first has it, and served afterwards", () =>
  withLender(async ({ socketPath, calls }) => {
    const loan = await borrowed(socketPath);
    await failsWith(() => borrowLine(socketPath, PORT), "API_LINE_LENT");
    await loan.giveBack();
    await until("it is taken back", () => calls.includes("take back"));
    await (await borrowed(socketPath)).giveBack();
  }));

test("a borrower that is killed gives back by dying", () =>
  withLender(async ({ socketPath, calls }) => {
    const source = `require("http").request({ socketPath: ${JSON.stringify(socketPath)}, method: "POST",
      path: "/api/v1/lines/loan?port=" + encodeURIComponent(${JSON.stringify(PORT)}) }, () => {}).end();
      setInterval(() => {}, 1000);`;
    const borrower = spawn(process.execPath, ["-e", source], { stdio: "ignore" });
    await until("it is lent", () => calls.length === 1);
    borrower.kill("SIGKILL");
    await once(borrower, "exit");
    await until("it is taken back", () => calls.includes("take back"));
  }));

test("an agent that stops takes its lines back first", () =>
  withLender(async ({ socketPath, calls, stop }) => {
    await borrowed(socketPath);
    await stop();
    await until("it is taken back", () => calls.includes("take back"));
  }));

test("a line that the agent has not, and an agent that does not run, lend nothing and hinder nobody", () =>
  withLender(async ({ socketPath }) => {
    assert.is(await borrowLine(socketPath, "/dev/ttyS9"), null);
    assert.is(await borrowLine(`${socketPath}.other`, PORT), null);
  }));

test("a name that is none is refused", () =>
  withLender(async ({ socketPath }) => {
    await failsWith(() => borrowLine(socketPath, ""), "API_REFUSED");
    await failsWith(() => borrowLine(socketPath, "x".repeat(5_000)), "API_REFUSED");
  }));

test.run();

async function borrowed(socketPath: string): Promise<BorrowedLine> {
  const loan = await borrowLine(socketPath, PORT);
  assert.ok(loan);
  return loan;
}

function withLender(act: (world: World) => Promise<void>): Promise<void> {
  return withTemporaryDirectory(async (directory) => {
    const calls: string[] = [];
    let isLent = false;
    const lender: LineLender = {
      lend: async (port) => {
        if (port !== PORT) return null;
        if (isLent) throw new DriverError("DRIVER_PORT_LENT", { path: port });
        isLent = true;
        calls.push(`lend ${port}`);
        const takeBack = async (): Promise<void> => {
          isLent = false;
          calls.push("take back");
        };
        return { port, takeBack };
      },
    };
    const { server, socketPath, logged } = makeServer(directory, new FakeAgentView(0), {}, lender);
    await server.start();
    try {
      await act({ socketPath, calls, logged, stop: () => server.stop() });
    } finally {
      await server.stop();
    }
  });
}
