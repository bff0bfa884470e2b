import { pairedChat, presentChat } from "../../../shared/chat-state.ts";
import { type Database, sql } from "../../../shared/database.ts";
import { eventById, logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { knownEvent } from "../../../shared/known-event.ts";
import { utcDay } from "../../../shared/utc-day.ts";
import { budgetNotice } from "../operator/budget-notice.ts";
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
  run({ db, now, task: { chatId, processId }, argument }) {
    const day = utcDay(now);
    const event = eventById(db, Number(argument));
    const notice = event && knownEvent(event);
    const isOfToday = notice?.eventType === EventType.BudgetNoticed && notice.payload.day === day;
    // Only the notice that nothing is left has the button, in the chat that was told of it.
    if (!isOfToday || notice.payload.percent < 100 || isToldElsewhere(db, notice.id, chatId))
      return { text: "That was about another day's budget." };
    const after = { kind: "take the buttons away", text: budgetNotice(notice.payload) } as const;
    if (isRaisedAfter(db, notice.id)) return { text: "That was added already.", after };
    logEvent(db, processId, EventType.BudgetRaised, { day, usd: 1, chat_id: chatId, about: notice.id });
    return { text: `Today's budget (${day}) is a dollar higher.`, after };
  },
};

function isToldElsewhere(db: Database, noticeId: number, chatId: number): boolean {
  const query = `SELECT payload ->> '$.chat_id' FROM events WHERE event_type = 'operator.told'
      AND payload ->> '$.about' = ? ORDER BY id LIMIT 1`;
  const told = sql(db, query).pluck().get(noticeId) as number | undefined;
  return told !== undefined && presentChat(db, told) !== chatId;
}

/** A button may be pressed twice before it is gone. */
function isRaisedAfter(db: Database, noticeId: number): boolean {
  const query = "SELECT 1 FROM events WHERE event_type = 'budget.raised' AND payload ->> '$.about' = ? LIMIT 1";
  return sql(db, query).get(noticeId) !== undefined;
}
