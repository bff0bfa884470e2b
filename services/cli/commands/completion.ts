import { Argument, type Command } from "commander";
import { readSettings } from "../../../shared/config.ts";
import { type CliCommand, EXIT } from "../command.ts";
import { engineSettings } from "../engine-socket.ts";
import { completingWords, KINDS, type Kind } from "../reading/completing-words.ts";
import { openForReading } from "../state-database.ts";
import { type Completed, completionScript, SHELLS, type Shell, type Values } from "../text/completion-text.ts";

export const completion: CliCommand = {
  name: "completion",
  about: "Print a script that completes commands, options and what is known of their values in your shell",
  example: 'eval "$(lastgood completion bash)"',
  declare: (command) =>
    command.addArgument(
      new Argument("<shell>", "your shell; or, as its script asks, what is known of a kind").choices([
        ...SHELLS,
        ...KINDS,
      ]),
    ),
  async run(command, { stateDir, output }) {
    const [asked] = command.processedArgs as [Shell | Kind]; // one of the choices
    const shell = SHELLS.find((name) => name === asked);
    if (shell)
      await output.print(...completionScript(shell, (command.parent?.commands ?? []).map(completed)).split("\n"));
    else await output.print(...(await wordsOf(stateDir, asked as Kind)));
    return EXIT.done;
  },
};

async function wordsOf(stateDir: string, kind: Kind): Promise<string[]> {
  const db = openForReading(stateDir);
  const words = await completingWords(db, kind, readSettings(engineSettings).DOCKER_SOCKET);
  db.close();
  return words;
}

function completed(command: Command): Completed {
  const options = command.options.flatMap(({ long, argChoices }) =>
    long ? [{ name: long, choices: argChoices ?? null }] : [],
  );
  return {
    name: command.name(),
    about: command.description(),
    options: [...options, { name: "--help", choices: null }],
    values: valuesOf(command),
  };
}

/** An argument is named for what it is. */
function valuesOf(command: Command): Values {
  const [argument] = command.registeredArguments;
  if (!argument) return { kind: "none" };
  if (argument.argChoices) return { kind: "words", words: SHELLS };
  const ask = KINDS.find((kind) => argument.name().startsWith(kind));
  return ask ? { kind: "ask", ask } : { kind: "file" };
}
