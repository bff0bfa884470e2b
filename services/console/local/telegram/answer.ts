/** What a Bot API method answers; the HTTP status is the error_code (https://core.telegram.org/bots/api#making-requests). */
export type Answer = { readonly ok: true; readonly result: unknown } | Refusal;

export interface Refusal {
  readonly ok: false;
  readonly error_code: number;
  readonly description: string;
  readonly parameters?: { readonly retry_after: number };
}

/** One call of a method. */
export type AnswerCall = (method: string, parameters: Parameters, signal: AbortSignal) => Promise<Answer>;

/** As sent: JSON keeps its types, a query string or a form has texts alone. */
export type Parameters = Readonly<Record<string, unknown>>;

export function ok(result: unknown): Answer {
  return { ok: true, result };
}

export function refused(errorCode: number, description: string): Refusal {
  return { ok: false, error_code: errorCode, description };
}

/** Telegram's 400, which says "Bad Request: " before the reason. */
export function badRequest(reason: string): Refusal {
  return refused(400, `Bad Request: ${reason}`);
}
