import type { Claimed } from "./claimed.ts";

/** What a worker records beside its messages: of itself, its upstreams and its chats. */
export interface WorkerPayloads {
  "worker.ready": Claimed & { readonly poll_ms: number };
  /** Nobody's fault here: it freezes the supervisor's deadlines. Under the worker's process.started. */
  "upstream.unavailable": Claimed & { readonly upstream: "telegram"; readonly reason: string };
  "upstream.available": Claimed & { readonly upstream: "telegram"; readonly outage_ms: number };
  /** The operator was told of an event in a chat. */
  "operator.told": { readonly about: number; readonly chat_id: number; readonly message_id: number };
  /** So many failures alike in a row: nothing is asked of the upstream for `open_ms`, then one probe is. */
  "circuit.opened": {
    readonly upstream: string;
    readonly failures: number;
    readonly reason: string;
    readonly open_ms: number;
  };
  "circuit.half_open": { readonly upstream: string };
  "circuit.closed": { readonly upstream: string };
  /** `day` is a calendar day in UTC, as 2026-01-31. The owner is told at each of these shares, once a day. */
  "budget.noticed": {
    readonly day: string;
    readonly percent: 50 | 80 | 100;
    readonly spent_usd: number;
    readonly budget_usd: number;
  };
  /** `about`: the notice under which somebody asked for it. */
  "budget.raised": { readonly day: string; readonly usd: number; readonly chat_id: number; readonly about?: number };
  /** An accepted message that should have ended by now, and has not. */
  "message.overdue": { readonly task_id: number; readonly age_seconds: number; readonly status: string };
  /** It gave the code that the log shows, and is the owner's. */
  "chat.paired": { readonly chat_id: number; readonly sender_id: number | null };
  "chat.unpaired": { readonly chat_id: number };
  /** A stranger's: told, once, that this bot is private. */
  "chat.refused": { readonly chat_id: number };
  /** Its messages are kept, and not answered before it is resumed. */
  "chat.paused": { readonly chat_id: number };
  "chat.resumed": { readonly chat_id: number };
  /** A new conversation: the model is not shown what was said before. */
  "chat.renewed": { readonly chat_id: number; readonly after_history_id: number; readonly after_task_id?: number };
  /** Telegram does not let the bot write there; until a message comes from it. */
  "chat.parked": { readonly chat_id: number; readonly reason: string };
  "chat.unparked": { readonly chat_id: number };
  "chat.migrated": { readonly chat_id: number; readonly to_chat_id: number };
  /** What `/command@…` has to name for the command to be ours. */
  "telegram.named": { readonly bot_id: number; readonly username: string };
  "telegram.offset_reset": { readonly bot_id: number; readonly epoch: number; readonly offset_sent: number };
}
