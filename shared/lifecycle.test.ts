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
