import { createRandom } from "./acts.ts";

/** An update as it goes over the wire, in the place that its id ought to say; not usable when it does not. */
export interface GeneratedUpdate {
  readonly place: number;
  readonly usable: boolean;
  readonly update: unknown;
}

/** The chat that the worker answers; all others are strangers'. */
export const ANSWERED_CHAT = 7;

/** https://core.telegram.org/bots/api#update */
const MESSAGES = [
  "message",
  "edited_message",
  "channel_post",
  "edited_channel_post",
  "business_message",
  "edited_business_message",
];
const OTHERS = [
  "business_connection",
  "deleted_business_messages",
  "message_reaction",
  "message_reaction_count",
  "inline_query",
  "chosen_inline_result",
  "callback_query",
  "shipping_query",
  "pre_checkout_query",
  "purchased_paid_media",
  "poll",
  "poll_answer",
  "my_chat_member",
  "chat_member",
  "chat_join_request",
  "chat_boost",
  "removed_chat_boost",
  "a_kind_that_is_not_there_yet",
];

/** https://core.telegram.org/bots/api#message, by what it carries. */
const CONTENTS =
  `animation audio document paid_media photo sticker story video video_note voice caption checklist contact dice game
  poll venue location new_chat_members left_chat_member new_chat_title new_chat_photo delete_chat_photo
  group_chat_created supergroup_chat_created channel_chat_created message_auto_delete_timer_changed migrate_to_chat_id
  migrate_from_chat_id pinned_message invoice successful_payment refunded_payment users_shared chat_shared gift
  connected_website write_access_allowed passport_data proximity_alert_triggered boost_added chat_background_set
  forum_topic_created forum_topic_edited forum_topic_closed giveaway_created giveaway giveaway_winners
  video_chat_scheduled video_chat_started video_chat_ended web_app_data reply_to_message external_reply quote
  forward_origin via_bot media_group_id link_preview_options effect_id reply_markup`.split(/\s+/);

const TEXTS = [
  "hello",
  "/start",
  "/status@local_agent_bot",
  "/pair 0000",
  "/retry",
  "/why",
  "/nonsense \u0000",
  "",
  " \n\t",
  "😀".repeat(2048),
  "\ud83d",
  "汉".repeat(4096),
  `${"`".repeat(3)}\n${"*_[".repeat(900)}`,
  "__proto__",
  "'; DROP TABLE inbox; --",
];

const HOSTILE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  -(2 ** 63),
  1e300,
  "",
  "7",
  [],
  {},
  [[[[]]]],
  { __proto__: null, constructor: 1 },
  "x".repeat(5000),
];
const UNUSABLE_IDS: readonly unknown[] = [undefined, null, "1", "", 1.5, 1e300, -(2 ** 60), [], {}, true];
const NOT_UPDATES: readonly unknown[] = [null, 7, "update", [], [[]], true];

/** Updates of every shape, whole and broken; the same seed brings the same. The last one is whole. */
export function updatesOf(seed: number, count: number, firstPlace: number): GeneratedUpdate[] {
  const next = createRandom(seed);
  const oneIn = (n: number) => next() % n === 0;
  const oneOf = <T>(values: readonly T[]) => values[next() % values.length] as T; // none of them is empty

  const user = () => ({ id: 1 + (next() % 500), is_bot: oneIn(20), first_name: oneOf(TEXTS), language_code: "en" });
  const chat = () => ({
    id: oneIn(40) ? ANSWERED_CHAT : (oneIn(4) ? -1 : 1) * (100 + (next() % 300)),
    type: oneOf(["private", "group", "supergroup", "channel"]),
  });
  const message = () => ({
    message_id: 1 + (next() % 1_000_000),
    date: oneOf([0, 1, 1_700_000_000, 2 ** 31 - 1]),
    chat: chat(),
    ...(oneIn(5) ? {} : { from: user() }),
    ...(oneIn(2) ? { text: oneOf(TEXTS) } : { [oneOf(CONTENTS)]: oneOf([{ file_id: "x" }, ...HOSTILE]) }),
    ...(oneIn(6) ? { entities: [{ type: "bot_command", offset: next() % 9, length: next() % 9 }] } : {}),
    ...(oneIn(6) ? { reply_to_message: { message_id: next() % 100, date: 1, chat: chat(), text: oneOf(TEXTS) } } : {}),
  });
  const other = (kind: string) => ({
    id: String(next()),
    from: user(),
    ...(oneIn(2) ? { message: message(), data: oneOf(TEXTS), chat_instance: "1" } : { chat: chat() }),
    ...(kind === "poll" ? { options: [], question: oneOf(TEXTS) } : {}),
  });
  const content = (): Record<string, unknown> => {
    const kind = oneIn(2) ? "message" : oneOf([...MESSAGES, ...OTHERS]);
    return { [kind]: MESSAGES.includes(kind) ? message() : other(kind) };
  };

  /** Puts something hostile in the place of something, as deep down as chance will have it; the id stays. */
  function broken(value: Record<string, unknown>): Record<string, unknown> {
    const key = oneOf(Object.keys(value));
    const inner = value[key];
    const isDeeper = typeof inner === "object" && inner !== null && Object.keys(inner).length > 0 && !oneIn(3);
    return { ...value, [key]: isDeeper ? broken(inner as Record<string, unknown>) : oneOf([undefined, ...HOSTILE]) };
  }

  return Array.from({ length: count }, (_, index) => {
    const place = firstPlace + index;
    const isLast = index === count - 1;
    if (!isLast && oneIn(100)) return { place, usable: false, update: oneOf(NOT_UPDATES) };
    const rest = oneIn(3) ? broken(content()) : content();
    if (!isLast && oneIn(50)) return { place, usable: false, update: { ...rest, update_id: oneOf(UNUSABLE_IDS) } };
    return { place, usable: true, update: { ...rest, update_id: place } };
  });
}
