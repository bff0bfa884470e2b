import { SetupError } from "../../../shared/setup-error.ts";

/** Nothing but another token helps; what is in hand waits for it. */
export function refusedToken(detail: string): SetupError {
  return new SetupError([
    `Telegram refuses TELEGRAM_BOT_TOKEN (${detail}). Set it to the token that @BotFather shows.`,
  ]);
}
