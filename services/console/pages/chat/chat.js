import { createChatList } from "./chat-list.js";
import { createCommandHints } from "./command-hints.js";
import {
  createChat,
  fetchChats,
  fetchCommands,
  fetchMessagesBefore,
  followChat,
  pressButton,
  sendText,
} from "./console-client.js";
import { createMessageLog } from "./message-log.js";

const { longestText, bot: botName } = document.body.dataset;
const part = (id) => document.getElementById(id);
const text = part("text");
const SIGN_OF_AGENT = {
  connected: "connected",
  gone: "not connected",
  unseen: "not seen yet",
  elsewhere: "on Telegram",
};
const STATUS_OF_AGENT = {
  connected: "",
  gone: "The agent is not asking for messages: they wait here, and are answered when it is back.",
  unseen: "No agent has asked for messages yet: they wait here until one does.",
  elsewhere:
    "The agent has a bot token of its own: write to it on Telegram. What is written here waits until it runs without one.",
};
const STATUS_OF_CONNECTION = {
  open: "",
  lost: "The console cannot be reached. Trying again…",
  refused: "This chat is no longer open to you. Reload the page.",
};
/** Above every message id. */
const NEWEST = 999_999_999_999_999;

let chats = [];
let chatId = null;
let stream = null;
let connection = "open";
let agent = "connected";
let replyingTo = null;
let newestChange = 0;

const log = createMessageLog(
  { log: part("log"), list: part("messages"), latestButton: part("latest") },
  {
    botName,
    onPress: (message, data) => attempt(() => pressButton(message.chat.id, message.message_id, data)),
    onReply: replyTo,
  },
);
const hints = createCommandHints({ list: part("commands"), fetchCommands, onChoose: complete });
const list = createChatList({ list: part("chat-list"), select: part("chat-select") }, (id) => openChat(id, "push"));

part("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send(text.value);
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    hints.hide();
    replyTo(null);
  }
  if (event.key === "Tab" && !event.shiftKey && hints.first !== null) {
    event.preventDefault();
    complete(hints.first);
  }
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send(text.value);
});
text.addEventListener("input", () => {
  fitText();
  checkLength();
  hints.follow(() => text.value);
});
part("stop-replying").addEventListener("click", () => replyTo(null));
part("earlier").addEventListener("click", () => attempt(showEarlier));
for (const button of document.querySelectorAll("[data-new-chat]")) {
  button.addEventListener("click", () => attempt(newChat));
}
for (const button of document.querySelectorAll("[data-suggestion]")) {
  button.addEventListener("click", () => send(button.textContent));
}
window.addEventListener("popstate", () => attempt(openFromAddress));
await attempt(openFromAddress);

/** Runs what a person asked for; what goes wrong is told above the input. True when it went well. */
async function attempt(work) {
  try {
    await work();
    tell("");
    return true;
  } catch (error) {
    tell(error.message);
    return false;
  }
}

async function openFromAddress() {
  await refreshChats();
  const wanted = Number(new URLSearchParams(location.search).get("chat"));
  const known = chats.find((chat) => chat.chat_id === wanted) ?? chats[0];
  if (known) await openChat(known.chat_id, "replace");
  else await newChat();
}

async function openChat(id, how) {
  stream?.close();
  chatId = id;
  history[how === "push" ? "pushState" : "replaceState"](null, "", `/chat?chat=${id}`);
  const page = await fetchMessagesBefore(id, NEWEST);
  if (chatId !== id) return; // another chat was chosen meanwhile
  log.clear();
  replyTo(null);
  show(page.messages);
  showWhetherEarlier();
  log.stayAtEnd(); // the button for earlier ones has moved it, where a browser does not anchor what is scrolled
  list.show(chats, id);
  stream = followChat(id, page.change_id, {
    onMessage: (message) => show([message]),
    onDeleted: remove,
    onPresence: showPresence,
    onConnection: showConnection,
  });
  text.focus();
}

async function newChat() {
  const unused = chats.find((chat) => chat.title === null);
  const id = unused?.chat_id ?? (await createChat());
  await refreshChats();
  await openChat(id, "push");
}

/** The input is cleared at once, so that a second Enter sends nothing twice; what could not be sent comes back. */
async function send(given) {
  if (given.trim() === "") return;
  if (given === text.value) write("");
  hints.hide();
  const answered = replyingTo;
  replyTo(null);
  const isSent = await attempt(() => sendText(chatId, given, answered));
  if (!isSent && text.value === "") write(given);
}

/** The person goes on writing: a command may want to know of what. */
function complete(command) {
  write(`${command} `);
  hints.hide();
  text.focus();
}

/** @param message the bot's message that the next one answers, or null */
function replyTo(message) {
  replyingTo = message?.message_id ?? null;
  part("replying").hidden = message === null;
  part("replied").textContent = message?.text ?? "";
  if (message) text.focus();
}

function write(value) {
  text.value = value;
  fitText();
}

async function showEarlier() {
  const { messages } = await fetchMessagesBefore(chatId, log.firstId);
  log.showEarlier(messages);
  showWhetherEarlier();
}

/** Message ids begin at 1 in every chat. */
function showWhetherEarlier() {
  part("earlier").hidden = log.isEmpty || log.firstId <= 1;
}

function show(messages) {
  log.show(messages);
  part("empty").hidden = !log.isEmpty;
}

function remove(messageId) {
  log.remove(messageId);
  part("empty").hidden = !log.isEmpty;
}

function showPresence(seen) {
  part("presence").textContent = seen.typing ? "typing…" : SIGN_OF_AGENT[seen.agent];
  part("presence").classList.toggle("on", seen.agent === "connected");
  part("typing").hidden = !seen.typing;
  log.stayAtEnd();
  agent = seen.agent;
  showStatus();
  part("notice").textContent = seen.notice?.text ?? "";
  part("notice").hidden = !seen.notice?.text;
  if (seen.newest_change !== newestChange) refreshChats().catch(() => undefined); // the next change asks again
  newestChange = seen.newest_change;
}

async function refreshChats() {
  chats = await fetchChats();
  list.show(chats, chatId);
}

function showConnection(now) {
  connection = now;
  showStatus();
}

/** What is wrong with the page's own connection comes before what is known through it. */
function showStatus() {
  const status = STATUS_OF_CONNECTION[connection] || STATUS_OF_AGENT[agent];
  part("status").textContent = status;
  part("status").hidden = status === "";
}

function tell(problem) {
  part("problem").textContent = problem;
  part("problem").hidden = problem === "";
}

/** The input grows with what is written, up to the height that the style sheet allows. */
function fitText() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + text.offsetHeight - text.clientHeight}px`;
}

function checkLength() {
  const over = text.value.trim().length - Number(longestText);
  tell(over > 0 ? `The message is ${over} characters too long: Telegram takes ${longestText} at a time.` : "");
}
