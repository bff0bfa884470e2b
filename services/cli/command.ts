import type { Command } from "commander";
import type { Clock } from "../../shared/clock.ts";
import type { Output } from "./output.ts";

/** What a command gets to work with. `signal` aborts on Ctrl-C. */
export interface Cli {
  readonly stateDir: string;
  /** Where the supervisor's journal is; null in a container that has no such volume. */
  readonly ownDir: string | null;
  /** Where an operator's requests are put, and answered. */
  readonly requestsDir: string;
  readonly clock: Clock;
  readonly output: Output;
  readonly signal: AbortSignal;
}

export interface CliCommand {
  readonly name: string;
  readonly about: string;
  readonly example: string;
  /** Adds arguments and options; `--json` is there already. */
  declare(command: Command): Command;
  /** Resolves with the exit code; rejects with a SetupError for what the operator has to mend. */
  run(command: Command, cli: Cli): Promise<number>;
}

/** Every command takes it. */
export interface JsonOption {
  readonly json?: true;
}

export const EXIT = {
  done: 0,
  failed: 1,
  undecided: 2,
  usage: 2,
  /** Cancelled, or a newer request took its place. */
  replaced: 3,
  /** As a shell reports a program that Ctrl-C ended. */
  interrupted: 130,
} as const;

export const EXIT_CODES = `
Exit codes:
  0    done
  1    refused, or failed
  2    undecided yet, or wrong usage
  3    replaced by a newer request, or cancelled
  78   the setup is wrong: the message says what to mend
  130  left by Ctrl-C`;

export const NOTHING_YET = "Nothing has run here yet. Start the supervisor: it deploys the configured image.";
