import { eventById } from "../../../shared/event-log.ts";
import { newestWorker } from "../../../shared/worker-state.ts";
import type { StateReader } from "../state-reader.ts";

/** Whether the newest worker asks for the messages of another bot than ours: then it is on the real Telegram. */
export function agentIsElsewhere(state: StateReader, botId: number): boolean {
  const seen = state.open();
  const processId = seen.kind === "open" ? newestWorker(seen.db)?.processId : null;
  if (seen.kind === "absent" || !processId) return false;
  const asksFor = eventById(seen.db, processId)?.payload?.bot_id;
  return asksFor !== undefined && asksFor !== botId;
}
