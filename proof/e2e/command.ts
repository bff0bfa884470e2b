import { type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit code. */
export async function run(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<Ran> {
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text) => (stderr += text));
  const [exitCode] = await once(child, "close");
  return { exitCode, stdout, stderr };
}

/** Runs a program that must succeed, and gives what it printed. */
export async function must(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  const { exitCode, stdout, stderr } = await run(program, args, options);
  if (exitCode === 0) return stdout.trim();
  throw new Error(`${program} ${args.join(" ")} exited with ${exitCode}:\n${stdout}${stderr}`);
}

/** The lines a program prints, as they come, until `signal` aborts. */
export async function* linesOf(
  program: string,
  args: readonly string[],
  options: SpawnOptions & { signal: AbortSignal },
): AsyncGenerator<string> {
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "ignore"] });
  child.on("error", () => {}); // the abort
  if (!child.stdout) return;
  yield* createInterface({ input: child.stdout });
}
