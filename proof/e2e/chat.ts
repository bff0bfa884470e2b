/** A person in a chat of the local Telegram, through the page's HTTP API. */

export interface ChatMessage {
  readonly message_id: number;
  readonly from: { readonly is_bot: boolean };
  readonly text: string;
  readonly reply_markup?: {
    readonly inline_keyboard: readonly (readonly { readonly text: string; readonly callback_data?: string }[])[];
  };
}

export interface Chat {
  readonly id: number;
  /** Sends a text; resolves with its update id once the local Telegram has it. */
  say(text: string): Promise<number>;
  /** The first message of the bot that contains this. */
  reply(containing: string): Promise<ChatMessage>;
  /** Presses the button of a message that says this. */
  press(message: ChatMessage, button: string): Promise<void>;
  messages(): Promise<ChatMessage[]>;
  /** Resolves when what is said here is answered. */
  isAnswered(text: string): Promise<void>;
}

export async function openChat(address: string, patienceMs: number): Promise<Chat> {
  const { chat_id: id } = await post<{ chat_id: number }>(`${address}/chats`, {});
  const chat = `${address}/chats/${id}`;
  const opened: Chat = {
    id,
    say: async (text) => (await post<{ update_id: number }>(`${chat}/messages`, { text })).update_id,
    async reply(containing) {
      for await (const message of messagesOf(`${chat}/stream`, AbortSignal.timeout(patienceMs))) {
        if (message.from.is_bot && message.text.includes(containing)) return message;
      }
      throw new Error("the stream ended");
    },
    async press({ message_id, reply_markup }, button) {
      const pressed = reply_markup?.inline_keyboard.flat().find(({ text }) => text === button);
      if (!pressed) throw new Error(`message ${message_id} has no button ${button}`);
      await post(`${chat}/buttons`, { message_id, data: pressed.callback_data });
    },
    async messages() {
      const answer = (await (await fetch(`${chat}/messages?after=0`)).json()) as { messages: ChatMessage[] };
      return answer.messages;
    },
    async isAnswered(text) {
      await opened.say(text);
      await opened.reply(text);
    },
  };
  return opened;
}

async function post<Answer>(url: string, body: object): Promise<Answer> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** The messages of a stream of server-sent events: those without a name. */
async function* messagesOf(url: string, signal: AbortSignal): AsyncGenerator<ChatMessage> {
  const response = await fetch(url, { signal });
  let rest = "";
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const events = (rest + text).split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) {
      if (event.startsWith("event:")) continue;
      const data = event.split("\n").find((line) => line.startsWith("data:"));
      if (data) yield JSON.parse(data.slice("data:".length));
    }
  }
}
