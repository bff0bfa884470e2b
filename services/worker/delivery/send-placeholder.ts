import type { OutgoingMessage, Sender, SendResult } from "./sender.ts";

export interface Placeholder {
  readonly chatId: number;
  readonly message: OutgoingMessage;
  /** Aborts when nothing waits for the placeholder any more. */
  readonly patience: AbortSignal;
}

/**
 * Sends what an answer is to be written into. Null when it has not arrived by the time that it would have been needed:
 * should it arrive after that, it is removed, as nothing will be written there. Its request ends with the sender's own
 * limit; once `signal` has aborted too, at once.
 */
export async function sendPlaceholder(
  sender: Sender,
  { chatId, message, patience }: Placeholder,
  signal: AbortSignal,
): Promise<SendResult | null> {
  const cut = new AbortController();
  const sending = sender.send(chatId, message, cut.signal);
  const result = await Promise.race([sending, aborted(patience)]);
  if (result !== null) return result;
  void aborted(signal).then(() => cut.abort(signal.reason));
  sending
    .then((late) => (late.kind === "sent" ? sender.remove(chatId, late.messageId, cut.signal) : null))
    .catch(() => {}); // it was cut off
  return null;
}

export function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
