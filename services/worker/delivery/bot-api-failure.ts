import type { EditResult, Failure } from "./sender.ts";

/** An answer of the Bot API that is no success (https://core.telegram.org/bots/api#making-requests). */
export interface BotApiError {
  readonly code: number;
  readonly description: string;
  readonly retryAfterSeconds: number | undefined;
  readonly migrateToChatId: number | undefined;
}

/** What Telegram's refusal to carry out a request means for who asked. */
export function toFailure(error: BotApiError): Failure {
  const { code, description: detail, migrateToChatId } = error;
  if (code === 429) return { kind: "rate limited", retryAfterMs: (error.retryAfterSeconds ?? 1) * 1000 };
  if (code === 401 || code === 404) return { kind: "unauthorised", detail };
  if (code === 403) return { kind: "forbidden", detail };
  if (code >= 500) return { kind: "uncertain", detail };
  if (migrateToChatId !== undefined) return { kind: "migrated", toChatId: migrateToChatId, detail };
  return { kind: /entit/i.test(detail) ? "formatting refused" : "refused", detail };
}

/** The reasons have no codes: Telegram tells them apart by their words alone. */
export function toEditResult(error: BotApiError, messageId: number): EditResult {
  const { code, description: detail } = error;
  if (code === 400 && /message is not modified/i.test(detail)) return { kind: "sent", messageId };
  if (code === 400 && /message to edit not found|message can't be edited|MESSAGE_ID_INVALID/i.test(detail)) {
    return { kind: "gone", detail };
  }
  return toFailure(error);
}

export function isRemoved({ code, description }: BotApiError): boolean {
  return code === 400 && /message to delete not found|message can't be deleted|MESSAGE_ID_INVALID/i.test(description);
}
