import type { DeliveryPorts } from "./delivery-ports.ts";

/** Telegram shows it for 5 s; a little less leaves no gap. */
const REFRESH_MS = 4500;

/** Shows a chat that its answer is being made, until `signal` aborts. */
export async function keepTyping({ clock, sender }: DeliveryPorts, chatId: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sender.showTyping(chatId, signal).catch(() => {}); // it rejects only when aborted
    await clock.sleep(REFRESH_MS, signal);
  }
}
