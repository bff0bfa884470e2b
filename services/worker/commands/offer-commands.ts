import type { Logger } from "../../../shared/logging.ts";
import type { Sender } from "../delivery/sender.ts";
import { COMMANDS } from "./commands.ts";

/** Has Telegram offer what everybody may do to people who begin to write a command. A courtesy: never rejects. */
export async function offerCommands(
  { sender, log }: { readonly sender: Sender; readonly log: Logger },
  signal: AbortSignal,
): Promise<void> {
  const offered = COMMANDS.filter(({ ownersOnly }) => !ownersOnly);
  const commands = offered.map(({ name, about }) => ({ command: name, description: about }));
  try {
    const result = await sender.setCommands(commands, signal);
    if (result.kind !== "done") log.warn(result, "the commands could not be offered");
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
