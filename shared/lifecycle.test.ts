import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const LIFECYCLE = join(import.meta.dirname, "lifecycle.ts");
const SECRET = "a'hidden\"word of`\nthe operator";

function run(body: string) {
  const program = `import { runProcess } from ${JSON.stringify(LIFECYCLE)}; await runProcess(async () => { ${body} });`;
  const env = { OPERATORS_KEY: SECRET, NODE_NO_WARNINGS: "1" };
  const args = ["--input-type=module", "--eval", program];
  return spawnSync(process.execPath, args, { env, encoding: "utf8" });
}

test("a process that prints its environment, and dies of an error that quotes it, tells no secret", () => {
  const { stdout, stderr, status } = run(
    `console.log(process.env, process.env.OPERATORS_KEY); throw new Error(JSON.stringify(process.env));`,
  );
  expect(stdout).toContain("[redacted]");
  expect(stderr).toContain('"OPERATORS_KEY":"[redacted]"');
  for (const word of ["hidden", "the operator"]) expect(stdout + stderr).not.toContain(word);
  expect(status).toBe(1);
});

test("what a rejected promise quotes is scrubbed too", () => {
  const { stdout, stderr, status } = run(
    `Promise.reject(new Error(process.env.OPERATORS_KEY)); await new Promise((resolve) => setTimeout(resolve, 1000));`,
  );
  expect(stderr).toContain("Error: [redacted]");
  expect(stdout + stderr).not.toContain("the operator");
  expect(status).toBe(1);
});

/** One signal after another, each delivered before the next; `later` sets the clock on. */
const SIGNALLED = `
  setInterval(() => {}, 1000); // signals alone keep no process alive
  const signal = async (name) => { const came = new Promise((come) => process.once(name, come)); process.kill(process.pid, name); await came; };
  const later = (ms, now = Date.now) => { Date.now = () => now() + ms; };`;

test("a second signal ends the process at once, with what its shell expects, whatever is still in hand", () => {
  const endless = "await new Promise(() => {});";
  expect(run(`${SIGNALLED} await signal("SIGTERM"); later(1001); await signal("SIGINT"); ${endless}`).status).toBe(130);
  expect(run(`${SIGNALLED} await signal("SIGINT"); later(1001); await signal("SIGTERM"); ${endless}`).status).toBe(143);
});

test("one Ctrl-C that comes twice, from the terminal and from npm, is one: what is in hand is finished", () => {
  expect(run(`${SIGNALLED} await signal("SIGINT"); await signal("SIGTERM"); return 7;`).status).toBe(7);
});
