import { chatCommands } from "./chat-commands.ts";
import type { Command, Press } from "./command.ts";
import { deployButtons, deployCommands } from "./deploys.ts";
import { helpCommands } from "./help.ts";
import { budgetButton, unpair } from "./owner-commands.ts";
import { retry, retryButton } from "./retry.ts";
import { revisions } from "./revisions.ts";
import { status } from "./status.ts";
import { stop } from "./stop.ts";
import { usage } from "./usage.ts";
import { why } from "./why.ts";

/** In the order in which they are offered. */
export const COMMANDS: readonly Command[] = [
  ...helpCommands(() => COMMANDS),
  status,
  usage,
  why,
  ...chatCommands,
  stop,
  retry,
  revisions,
  ...deployCommands,
  unpair,
];

export const BUTTONS: readonly Press[] = [retryButton, ...deployButtons, budgetButton];
