import { pairedChat } from "../../../shared/chat-state.ts";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { utcDay } from "../../../shared/utc-day.ts";
import type { Command, Press } from "./command.ts";

/** `/pair CODE` itself is answered on arrival: its code is not kept. */
export const unpair: Command = {
  name: "unpair",
  about: "give up being the owner",
  ownersOnly: true,
  run({ db, task: { processId } }) {
    const chatId = pairedChat(db);
    if (chatId === null) return { text: "Nobody is paired: the settings name the owner." };
    logEvent(db, processId, EventType.ChatUnpaired, { chat_id: chatId });
    return { text: "Unpaired. Another code is in the log.", after: { kind: "await an owner" } };
  },
};

/** Under the notice that the day's budget is used up. */
export const budgetButton: Press = {
  name: "budget",
  ownersOnly: true,
  run({ db, now, task: { chatId, processId } }) {
    const day = utcDay(now);
    logEvent(db, processId, EventType.BudgetRaised, { day, usd: 1, chat_id: chatId });
    return { text: `Today's budget (${day}) is a dollar higher.` };
  },
};
