import { Argument, type Command } from "commander";
import { type CliCommand, EXIT } from "../command.ts";
import { completionScript, SHELLS, type Shell } from "../text/completion-text.ts";

export const completion: CliCommand = {
  name: "completion",
  about: "Print a script that completes commands and options in your shell",
  example: 'eval "$(lastgood completion bash)"',
  declare: (command) => command.addArgument(new Argument("<shell>").choices(SHELLS)),
  async run(command, { output }) {
    const [shell] = command.processedArgs as [Shell]; // one of the choices
    await output.print(completionScript(shell, (command.parent?.commands ?? []).map(wordsOf)));
    return EXIT.done;
  },
};

function wordsOf(command: Command) {
  const options = command.options.flatMap(({ long }) => long ?? []);
  return { name: command.name(), about: command.description(), options: [...options, "--help"] };
}
