export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export interface Completed {
  readonly name: string;
  readonly about: string;
  readonly options: readonly CompletedOption[];
  /** What its arguments are: a shell's files, words that are known, or what `lastgood completion <ask>` prints. */
  readonly values: Values;
}

export type Values =
  | { readonly kind: "none" | "file" }
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "ask"; readonly ask: string };

interface CompletedOption {
  readonly name: string;
  /** Null when it takes no value, or one that is not known. */
  readonly choices: readonly string[] | null;
}

export function completionScript(shell: Shell, commands: readonly Completed[]): string {
  return { bash, zsh, fish }[shell](commands);
}

/** A terminal in between, as of `docker compose exec`, ends its lines with a carriage return. */
const asked = (ask: string) => `lastgood completion ${ask} 2>/dev/null | tr -d '\\r'`;

/**
 * By the line, not by bash's words: it takes the colon of an image reference for the end of one. What is asked for is
 * data: compgen -W would expand it, so it is compared as it is, and quoted for the line.
 */
function bash(commands: readonly Completed[]): string {
  const valueWords = (values: Values) =>
    values.kind === "words"
      ? `words=(${values.words.join(" ")})`
      : values.kind === "ask"
        ? `mapfile -t words < <(${asked(values.ask)})`
        : ":";
  const choices = choicesOf(commands).map(([where, words]) => `    "${where}") words=(${words}) ;;`);
  const cases = commands.map(
    ({ name, options, values }) =>
      `      "${name} -"*) words=(${namesOf(options)}) ;;\n      "${name} "*) ${valueWords(values)} ;;`,
  );
  return `_lastgood() {
  local line="\${COMP_LINE:0:COMP_POINT}" word reply
  word="\${line##*[[:space:]]}"
  local -a given words=()
  read -ra given <<< "\${line%"$word"}"
  if [ "\${#given[@]}" -le 1 ]; then words=(${commands.map(({ name }) => name).join(" ")})
  else case "\${given[1]} \${given[-1]}" in
${choices.join("\n")}
    *) case "\${given[1]} $word" in
${cases.join("\n")}
    esac ;;
  esac; fi
  COMPREPLY=()
  for reply in "\${words[@]}"; do
    [[ "$reply" == "$word"* ]] || continue
    printf -v reply %q "\${reply#"\${word%"\${word##*:}"}"}"
    COMPREPLY+=("$reply")
  done
}
complete -o default -F _lastgood lastgood`;
}

function zsh(commands: readonly Completed[]): string {
  const told = commands.map(({ name, about }) => `    ${quoted(`${name}:${about.replaceAll(":", "\\:")}`)}`);
  const choices = choicesOf(commands).map(([where, words]) => `    "${where}") compadd -- ${words}; return ;;`);
  const valuesOf = (values: Values) => {
    if (values.kind === "ask") return `compadd -- \${(f)"$(${asked(values.ask)})"}`;
    if (values.kind === "words") return `compadd -- ${values.words.join(" ")}`;
    return values.kind === "file" ? "_files" : ":";
  };
  const cases = commands.map(
    ({ name, options, values }) =>
      `    ${name}) if [[ $PREFIX == -* ]]; then compadd -- ${namesOf(options)}; else ${valuesOf(values)}; fi ;;`,
  );
  return `_lastgood() {
  local -a commands=(
${told.join("\n")}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case "$words[2] $words[CURRENT-1]" in
${choices.join("\n")}
  esac
  case "$words[2]" in
${cases.join("\n")}
  esac
}
compdef _lastgood lastgood`;
}

function fish(commands: readonly Completed[]): string {
  const first = commands.map(
    ({ name, about }) => `complete -c lastgood -n __fish_use_subcommand -a ${name} -d ${quoted(about)}`,
  );
  const below = commands.flatMap(({ name, options, values }) => {
    const line = `complete -c lastgood -n '__fish_seen_subcommand_from ${name}'`;
    const flags = options.map((option) => {
      const words = option.choices ? ` -x -a ${quoted(option.choices.join(" "))}` : "";
      return `${line} -l ${option.name.replace("--", "")}${words}`;
    });
    if (values.kind === "ask") return [...flags, `${line} -a "(${asked(values.ask)})"`];
    if (values.kind === "words") return [...flags, `${line} -a ${quoted(values.words.join(" "))}`];
    return values.kind === "file" ? [...flags, `${line} -F`] : flags;
  });
  return ["complete -c lastgood -f", ...first, ...below].join("\n");
}

function choicesOf(commands: readonly Completed[]): [where: string, words: string][] {
  return commands.flatMap(({ name, options }) =>
    options.flatMap((option) =>
      option.choices ? [[`${name} ${option.name}`, option.choices.join(" ")] satisfies [string, string]] : [],
    ),
  );
}

const namesOf = (options: readonly CompletedOption[]) => options.map(({ name }) => name).join(" ");

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
