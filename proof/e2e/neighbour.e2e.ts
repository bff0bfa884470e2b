import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { must } from "./command.ts";
import { type System, startSystem } from "./system.ts";

/** Containers on the console's network, which nobody let in. */

let system: System;
beforeAll(async () => {
  system = await startSystem("neighbour");
});
afterAll(() => system?.stop());

/** What a container on this network is answered when it asks the console to stop the agent, by a name of the console's own. */
async function answerFrom(network: string, address: string, port: string): Promise<string> {
  const ask = `
    const [host, port] = process.argv.slice(1);
    const headers = { Host: "127.0.0.1", "Content-Type": "application/x-www-form-urlencoded" };
    const asked = require("http").request({ host, port, path: "/requests", method: "POST", headers });
    asked.on("response", (answer) => console.log(answer.statusCode)).on("error", ({ code }) => console.log(code));
    asked.end("wish=stop");`;
  return must("docker", [
    ...["run", "--rm", "--network", network, "--add-host", "host:host-gateway", "--entrypoint", "node"],
    ...[system.image, "-e", ask, address, port],
  ]);
}

test("a neighbour's request is refused, whatever it calls the console; one by the published port is taken", async () => {
  const network = `${system.project}_default`;
  const port = (await system.compose("port", "console", "8080")).split(":").at(-1) ?? "";
  const before = await system.newestEventId();
  expect(await answerFrom(network, "console", "8080")).toBe("403");
  expect(await answerFrom(network, "host", port)).toBe("ECONNREFUSED"); // it is published for the host's loopback alone
  expect((await system.eventsSince(before)).map(({ event_type }) => event_type)).not.toContain("stop.requested");
  expect(await answerFrom("host", "127.0.0.1", port)).toBe("303");
  expect((await system.eventOf("stop.requested", before)).payload).toMatchObject({ from: "console" });
});
