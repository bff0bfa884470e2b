import { type Command, InvalidArgumentError } from "commander";

/**
 * Lets a command collect what is wrong with its values, where commander would leave at the first of them. Returns what
 * it has collected, a line each, once the command line was parsed.
 */
export function collectWrongValues(command: Command): () => readonly string[] {
  const problems: string[] = [];
  const collecting = <T>(name: string, parse: (value: string, previous: T) => T) => {
    return (value: string, previous: T): T => {
      try {
        return parse(value, previous);
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error;
        problems.push(`error: '${value}' is not right for ${name}. ${error.message}`);
        return previous;
      }
    };
  };
  for (const option of command.options) {
    if (option.parseArg) option.parseArg = collecting(option.flags, option.parseArg);
  }
  for (const argument of command.registeredArguments) {
    if (argument.parseArg) argument.parseArg = collecting(`<${argument.name()}>`, argument.parseArg);
  }
  return () => problems;
}
