/** The page's side of the chat API (see chat-api.ts). Every call rejects with an Error whose message is for the person. */

export async function fetchChats() {
  return (await call("GET", "/chats")).chats;
}

export async function createChat() {
  return (await call("POST", "/chats")).chat_id;
}

/** The page of messages before an id, oldest first, and the change from which to follow the chat. */
export function fetchMessagesBefore(chatId, before) {
  return call("GET", `/chats/${chatId}/messages?before=${before}`);
}

/** @param replyTo the message that is answered, or null */
export function sendText(chatId, text, replyTo) {
  return call("POST", `/chats/${chatId}/messages`, { text, reply_to: replyTo });
}

export async function fetchCommands() {
  return (await call("GET", "/commands")).commands;
}

export function pressButton(chatId, messageId, data) {
  return call("POST", `/chats/${chatId}/buttons`, { message_id: messageId, data });
}

/** Follows a chat until close() is called; the browser reconnects and resumes by itself, unless it is refused. */
export function followChat(chatId, after, { onMessage, onDeleted, onPresence, onConnection }) {
  const stream = new EventSource(`/chats/${chatId}/stream?after=${after}`);
  stream.onmessage = (event) => onMessage(JSON.parse(event.data));
  stream.addEventListener("deleted", (event) => onDeleted(JSON.parse(event.data).message_id));
  stream.addEventListener("presence", (event) => onPresence(JSON.parse(event.data)));
  stream.onopen = () => onConnection("open");
  stream.onerror = () => onConnection(stream.readyState === EventSource.CLOSED ? "refused" : "lost");
  return stream;
}

async function call(method, path, body) {
  const request = { method, headers: { Accept: "application/json" } };
  if (body !== undefined) {
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, request);
  } catch {
    throw new Error("The console cannot be reached. Is it running?");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new Error(
    response.status === 401 ? "Your session is over: reload the page." : (answer.error ?? "That failed."),
  );
}
