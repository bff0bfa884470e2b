export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

interface Completed {
  readonly name: string;
  readonly about: string;
  readonly options: readonly string[];
}

export function completionScript(shell: Shell, commands: readonly Completed[]): string {
  return { bash, zsh, fish }[shell](commands);
}

function bash(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, options }) => `    ${name}) words="${options.join(" ")}" ;;`);
  return `_lastgood() {
  local words="${commands.map(({ name }) => name).join(" ")}"
  if [ "$COMP_CWORD" -gt 1 ]; then case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    *) words="" ;;
  esac; fi
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _lastgood lastgood`;
}

function zsh(commands: readonly Completed[]): string {
  const told = commands.map(({ name, about }) => `    ${quoted(`${name}:${about.replaceAll(":", "\\:")}`)}`);
  const cases = commands.map(({ name, options }) => `    ${name}) compadd -- ${options.join(" ")}; _files ;;`);
  return `_lastgood() {
  local -a commands=(
${told.join("\n")}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case "$words[2]" in
${cases.join("\n")}
  esac
}
compdef _lastgood lastgood`;
}

function fish(commands: readonly Completed[]): string {
  const first = commands.map(
    ({ name, about }) => `complete -c lastgood -n __fish_use_subcommand -f -a ${name} -d ${quoted(about)}`,
  );
  const options = commands.flatMap(({ name, options: words }) =>
    words.map((word) => `complete -c lastgood -n '__fish_seen_subcommand_from ${name}' -l ${word.replace("--", "")}`),
  );
  return [...first, ...options].join("\n");
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
