import { systemClock } from "./clock.ts";
import { scrub } from "./config.ts";
import { EXIT_CONFIGURATION, SetupError } from "./setup-error.ts";
import { visibleLines } from "./visible-text.ts";

/** A Ctrl-C under npm comes twice, from the terminal and from npm; what comes so soon is not a person's second one. */
const SAME_SIGNAL_MS = 1000;

/**
 * Runs a process from start to end. The first SIGTERM or SIGINT, or the loss of the process that forked this one,
 * aborts the signal; a second one leaves at once. What `main` resolves with is the exit code. A SetupError is shown as
 * its message; anything else is a bug and dies with its stack, for the supervisor to restart. Whatever is printed is
 * scrubbed, by whom ever: a library, a tool, or Node as it warns.
 *
 * @param judge what to leave with, and what to say, for an error that is neither a bug nor a mistake of the setup; else null
 */
export async function runProcess(
  main: (signal: AbortSignal) => Promise<number>,
  judge: (error: unknown) => Ending | null = () => null,
): Promise<never> {
  const end = (error: unknown): never => {
    const { code, message } = judge(error) ?? endingOf(error);
    process.stderr.write(`${visibleLines(message)}\n`);
    process.exit(code);
  };
  for (const stream of [process.stdout, process.stderr]) scrubOutput(stream);
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
  const stopping = stopSignal();
  try {
    process.exit(await main(stopping));
  } catch (error) {
    return end(error);
  }
}

function scrubOutput(stream: NodeJS.WriteStream): void {
  const write = stream.write;
  stream.write = (text: string | Uint8Array, ...how: never[]) =>
    write.call(stream, typeof text === "string" ? scrub(text) : text, ...how);
}

function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAt = Number.POSITIVE_INFINITY;
  const onSignal = (name: NodeJS.Signals) => {
    if (systemClock.now() - firstAt > SAME_SIGNAL_MS) process.exit(name === "SIGINT" ? 130 : 143);
    firstAt = Math.min(firstAt, systemClock.now());
    controller.abort(new Error(`stopped by ${name}`));
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  if (process.channel) process.once("disconnect", () => controller.abort(new Error("the parent process is gone")));
  return controller.signal;
}

/** How a process ends: the exit code, and its last line. */
export interface Ending {
  readonly code: number;
  readonly message: string;
}

function endingOf(error: unknown): Ending {
  if (error instanceof SetupError) return { code: EXIT_CONFIGURATION, message: error.message };
  return { code: 1, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
