import type { Clock } from "../../../../shared/clock.ts";
import { type Database, sql } from "../../../../shared/database.ts";
import { type Answer, type AnswerCall, badRequest, ok, type Parameters, refused } from "./answer.ts";
import type { Bell } from "./bell.ts";
import { createBotMessages, knownChat } from "./bot-messages.ts";
import type { User } from "./bot-objects.ts";
import { commandsOf, setCommands } from "./commands.ts";
import { createGetUpdates } from "./get-updates.ts";
import { commandsSchema, structure, textOf } from "./parameters.ts";
import type { Presence } from "./presence.ts";
import { allowedUpdates, dropUpdates, pendingUpdates } from "./updates.ts";

/** A press is to be answered while its person still waits; Telegram's own bound is not documented. */
const CALLBACK_LIVES_SECONDS = 15 * 60;

const CHAT_ACTION =
  /^(typing|upload_(photo|video|voice|document|video_note)|record_(video|voice|video_note)|choose_sticker|find_location)$/;

interface Ports {
  readonly db: Database;
  readonly clock: Clock;
  readonly presence: Presence;
  readonly arrivals: Bell;
  readonly changed: Bell;
}

/** Every method of the Bot API that there is here. Telegram reads their names in any case. */
export function createMethods(ports: Ports, bot: User): AnswerCall {
  const { db, clock, presence } = ports;
  const { sendMessage, editMessageText, deleteMessage } = createBotMessages(ports, bot);
  const getUpdates = createGetUpdates(ports);

  const methods: Readonly<Record<string, (parameters: Parameters, signal: AbortSignal) => Answer | Promise<Answer>>> = {
    getme: () => ok({ ...bot, ...CAPABILITIES }),
    getupdates: getUpdates,
    sendmessage: sendMessage,
    editmessagetext: editMessageText,
    deletemessage: deleteMessage,

    sendchataction(parameters) {
      const chatId = knownChat(db, parameters);
      if (typeof chatId !== "number") return chatId;
      const action = textOf(parameters, "action");
      if (!CHAT_ACTION.test(action)) return badRequest("wrong parameter action in request");
      presence.typing(chatId);
      return ok(true);
    },

    answercallbackquery(parameters) {
      const oldest = Math.floor(clock.now() / 1000) - CALLBACK_LIVES_SECONDS;
      const query = sql(db, "SELECT id, chat_id FROM callback_queries WHERE id = ? AND created_at >= ?");
      const pressed = query.get(Number(textOf(parameters, "callback_query_id")), oldest);
      if (pressed === undefined) {
        return badRequest("query is too old and response timeout expired or query ID is invalid");
      }
      const { id, chat_id } = pressed as { id: number; chat_id: number }; // the columns above, and the table is STRICT
      presence.notify(chat_id, { id, text: textOf(parameters, "text") });
      return ok(true);
    },

    setmycommands(parameters) {
      const commands = structure(parameters, "commands", commandsSchema);
      if (!commands.success) return badRequest("can't parse commands: expected an array of BotCommand");
      setCommands(db, commands.data);
      return ok(true);
    },

    getmycommands: () => ok(commandsOf(db)),

    deletewebhook(parameters) {
      if (String(parameters.drop_pending_updates) === "true") dropUpdates(db);
      return ok(true);
    },

    getwebhookinfo() {
      const allowed = allowedUpdates(db);
      return ok({
        url: "",
        has_custom_certificate: false,
        pending_update_count: pendingUpdates(db),
        ...(allowed.length > 0 ? { allowed_updates: allowed } : {}),
      });
    },
  };

  return async (method, parameters, signal) => {
    const name = method.toLowerCase();
    return (Object.hasOwn(methods, name) && (await methods[name]?.(parameters, signal))) || refused(404, "Not Found");
  };
}

/** What getMe says of a plain bot besides its user. */
const CAPABILITIES = {
  can_join_groups: true,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
};
