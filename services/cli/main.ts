import { Command, CommanderError } from "commander";
import { systemClock } from "../../shared/clock.ts";
import { readSettings } from "../../shared/config.ts";
import { runProcess } from "../../shared/lifecycle.ts";
import { requestsDirectoryOf } from "../../shared/requests/requests-directory.ts";
import { type CliCommand, EXIT, EXIT_CODES } from "./command.ts";
import { archive } from "./commands/archive.ts";
import { backup } from "./commands/backup.ts";
import { completion } from "./commands/completion.ts";
import { deploy } from "./commands/deploy.ts";
import { doctor } from "./commands/doctor.ts";
import { events } from "./commands/events.ts";
import { forget } from "./commands/forget.ts";
import { inbox } from "./commands/inbox.ts";
import { restore } from "./commands/restore.ts";
import { drop, retry } from "./commands/retry-drop.ts";
import { revisions } from "./commands/revisions.ts";
import { rollback } from "./commands/rollback.ts";
import { status } from "./commands/status.ts";
import { trace } from "./commands/trace.ts";
import { tree } from "./commands/tree.ts";
import { usage } from "./commands/usage.ts";
import { why } from "./commands/why.ts";
import { cancel, hold, start, stop, unhold } from "./commands/wishes.ts";
import { createOutput } from "./output.ts";
import { runCommand } from "./run-command.ts";
import { cliSettings, ownDirectoryOf } from "./settings.ts";
import { collectWrongValues } from "./wrong-values.ts";

const COMMANDS: readonly CliCommand[] = [
  status,
  events,
  tree,
  trace,
  why,
  inbox,
  retry,
  drop,
  revisions,
  usage,
  doctor,
  deploy,
  rollback,
  cancel,
  stop,
  start,
  hold,
  unhold,
  backup,
  restore,
  archive,
  forget,
  completion,
];

await runProcess(async (signal) => {
  const output = createOutput(process);
  const program = createProgram();
  let exitCode: number = EXIT.done;
  for (const command of COMMANDS) {
    const declared = addTo(program, command);
    const wrongValues = collectWrongValues(declared);
    declared.action(async () => {
      for (const problem of wrongValues()) output.note(withHelp(problem, `lastgood ${command.name} --help`).trim());
      if (wrongValues().length > 0) {
        exitCode = EXIT.usage;
        return;
      }
      const settings = readSettings(cliSettings);
      const ownDir = ownDirectoryOf(settings);
      const directories = { stateDir: settings.STATE_DIR, ownDir, requestsDir: requestsDirectoryOf(settings) };
      const cli = { ...directories, clock: systemClock, output, signal };
      exitCode = await runCommand(() => command.run(declared, cli), cli);
    });
  }
  const wrongUsage = await parse(program, process.argv.slice(2));
  return wrongUsage ?? exitCode;
});

function createProgram(): Command {
  return new Command("lastgood")
    .description("Watch and steer an agent that always comes back to its last good image")
    .addHelpText("after", EXIT_CODES)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(withHelp(text, "lastgood --help")) });
}

function withHelp(text: string, help: string): string {
  return `${text.trim().replaceAll("\n", " ")} (see ${help})\n`;
}

function addTo(program: Command, { name, about, example, declare }: CliCommand): Command {
  return declare(program.command(name).description(about))
    .option("--json", "print JSON")
    .configureOutput({ outputError: (text, write) => write(withHelp(text, `lastgood ${name} --help`)) })
    .addHelpText("after", `\nExample:\n  ${example}\n${EXIT_CODES}`);
}

/** The exit code if there was nothing to run, else null. */
async function parse(program: Command, args: readonly string[]): Promise<number | null> {
  if (args.length === 0) {
    program.outputHelp();
    return EXIT.done;
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return null;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.done : EXIT.usage; // it has said on standard error what is wrong
  }
}
