import type { DeliveryPorts } from "./delivery-ports.ts";

/** Who is answered sooner than this has not waited. */
const FIRST_AFTER_MS = 500;
/** Telegram shows it for 5 s; a little less leaves no gap. */
const REFRESH_MS = 4500;

/** Shows a chat that its answer is being made, until `signal` aborts. */
export async function keepTyping({ clock, sender }: DeliveryPorts, chatId: number, signal: AbortSignal): Promise<void> {
  for (let pause = FIRST_AFTER_MS; ; pause = REFRESH_MS) {
    await clock.sleep(pause, signal);
    if (signal.aborted) return;
    await sender.showTyping(chatId, signal);
  }
}
