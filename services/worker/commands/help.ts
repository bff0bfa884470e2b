import type { Command } from "./command.ts";

const GREETING = "Write to me, and I answer. What else I can do:";

/** @param commands all there are; the owner's alone are shown to the owner */
export function helpCommands(commands: () => readonly Command[]): readonly Command[] {
  const list = (isOwner: boolean) => helpText(commands(), isOwner);
  return [
    { name: "start", about: "what I can do", run: ({ isOwner }) => ({ text: `${GREETING}\n\n${list(isOwner)}` }) },
    { name: "help", about: "what I can do", run: ({ isOwner }) => ({ text: list(isOwner) }) },
  ];
}

export function helpText(commands: readonly Command[], isOwner: boolean): string {
  return commands
    .filter(({ name, ownersOnly }) => name !== "start" && (isOwner || !ownersOnly))
    .map(({ name, about }) => `/${name} – ${about}`)
    .join("\n");
}
