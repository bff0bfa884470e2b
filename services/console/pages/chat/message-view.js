import { formattedRuns, linkAddress } from "./formatted-runs.js";

const TAG_OF_ENTITY = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
};

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const fullDate = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const calendarDay = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** One message as a list item. Text goes in as text nodes alone, so nothing in it can become markup. */
export function messageView(message, { botName, onPress, onReply }) {
  const item = element("li", message.from.is_bot ? "message bot" : "message own");
  const bubble = element("div", "bubble");
  bubble.append(element("span", "visually-hidden", message.from.is_bot ? `${botName}:` : "You:"));
  if (message.reply_to_message) bubble.append(quoted(message.reply_to_message));
  bubble.append(textView(message), timeView(message));
  item.append(bubble);
  if (message.from.is_bot) bubble.append(replyView(message, onReply));
  if (message.reply_markup) item.append(keyboardView(message, onPress));
  return item;
}

export function timeText(seconds) {
  return clock.format(seconds * 1000);
}

/** "Today", "Yesterday" or the date. */
export function dayText(seconds) {
  const day = new Date(seconds * 1000);
  const daysAgo = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(day).setHours(0, 0, 0, 0)) / 86_400_000);
  return ["Today", "Yesterday"][daysAgo] ?? calendarDay.format(day);
}

function textView({ text, entities }) {
  const view = element("div", "text");
  view.dir = "auto";
  const runs = formattedRuns(text, entities);
  view.append(...runs.map((run, index) => runView(withoutBreaks(run, runs[index - 1], runs[index + 1]))));
  return view;
}

/** A block has room of its own around it; the empty line between it and a text would come on top of that. */
function withoutBreaks(run, before, after) {
  if (typeof run !== "string") return run;
  const start = isBlock(before) ? run.replace(/^\n{1,2}/, "") : run;
  return isBlock(after) ? start.replace(/\n{1,2}$/, "") : start;
}

function isBlock(run) {
  return run?.entity?.type === "pre" || run?.entity?.type === "blockquote";
}

function runView(run) {
  if (typeof run === "string") return document.createTextNode(run);
  const children = run.children.map((child) => runView(child));
  const address = linkAddress(run.entity, run.children.join(""));
  const view = address === null ? element(tagOf(run.entity.type)) : link(address);
  view.append(...children);
  return view;
}

/** The bot may name a type that no page knows, or one that every object has. */
function tagOf(type) {
  return Object.hasOwn(TAG_OF_ENTITY, type) ? TAG_OF_ENTITY[type] : "span";
}

function timeView({ date, edit_date: editDate }) {
  const time = element("time", "time", editDate ? `edited ${timeText(date)}` : timeText(date));
  time.dateTime = new Date(date * 1000).toISOString();
  time.title = fullDate.format(date * 1000);
  return time;
}

function quoted(message) {
  const quote = element("div", "quoted", message.text);
  quote.dir = "auto";
  return quote;
}

function replyView(message, onReply) {
  const view = element("button", "reply", "Reply");
  view.type = "button";
  view.addEventListener("click", () => onReply(message));
  return view;
}

function keyboardView(message, onPress) {
  const keyboard = element("div", "keyboard");
  for (const row of message.reply_markup.inline_keyboard) {
    const line = element("div", "keys");
    line.append(...row.map((button) => buttonView(button, message, onPress)));
    keyboard.append(line);
  }
  return keyboard;
}

function buttonView(button, message, onPress) {
  const address = linkAddress({ type: "text_link", url: button.url }, "");
  if (address !== null) {
    const view = link(address);
    view.textContent = button.text;
    return view;
  }
  const view = element("button", "", button.text);
  view.type = "button";
  view.disabled = button.callback_data === undefined;
  view.addEventListener("click", async () => {
    view.disabled = true;
    await onPress(message, button.callback_data);
    view.disabled = false;
  });
  return view;
}

function link(address) {
  const view = element("a");
  view.href = address;
  view.target = "_blank";
  view.rel = "noopener noreferrer";
  return view;
}

export function element(tag, className = "", text = "") {
  const view = document.createElement(tag);
  if (className) view.className = className;
  if (text) view.textContent = text;
  return view;
}
