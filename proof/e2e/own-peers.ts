import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Context, Hono } from "hono";
import { listen } from "../../services/console/listen.ts";
import { createModelApi } from "../../services/console/local/model/model-api.ts";
import { createBotApi } from "../../services/console/local/telegram/bot-api.ts";
import { type Around, surrounded } from "../../services/console/local/telegram/faults.ts";
import { createLocalTelegram, type LocalTelegram } from "../../services/console/local/telegram/local-telegram.ts";
import { messagesAfter, type StoredMessage } from "../../services/console/local/telegram/messages.ts";
import { systemClock } from "../../shared/clock.ts";
import { openDatabase } from "../../shared/database.ts";

/** When to stop waiting for what will never come. */
const PATIENCE_MS = 30_000;
const NEVER = new AbortController().signal;

export interface Misbehaviour {
  readonly host?: string;
  readonly telegram?: Around;
  /** What the model answers instead of what it would; null where it behaves. */
  readonly model?: (body: string, c: Context) => Response | null;
}

export interface Call {
  readonly method: string;
  readonly text: string;
}

export type OwnPeers = Awaited<ReturnType<typeof startOwnPeers>>;
export type OwnChat = ReturnType<typeof openOwnChat>;

/** A Telegram and a model of the test's own, which fail as it says. Resolves once both listen. */
export async function startOwnPeers(token: string, misbehaviour: Misbehaviour = {}) {
  const { host = "127.0.0.1", telegram: around = (_call, act) => act(), model = () => null } = misbehaviour;
  const directory = mkdtempSync(join(tmpdir(), "lastgood-peers-"));
  const db = openDatabase(join(directory, "local-telegram.db"));
  const telegram = createLocalTelegram({ db, clock: systemClock }, { token });
  const stopping = new AbortController();
  const shown: string[] = [];
  const calls: Call[] = [];

  const botApi = surrounded(createBotApi(telegram.answer, { token }, stopping.signal), (call, act) => {
    calls.push({ method: call.method, text: String(call.parameters.text ?? "") });
    return around(call, act);
  });
  const answers: string[] = [];
  const told = (c: Context) => {
    const content = answers.shift();
    if (content === undefined) return null;
    return c.json({ choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }] });
  };
  const modelApi = new Hono();
  modelApi.use("/v1/chat/completions", async (c, next) => {
    const body = await c.req.text();
    shown.push(body);
    return told(c) ?? model(body, c) ?? (await next());
  });
  modelApi.route("/v1", createModelApi(systemClock, { latencyMs: 0 }, stopping.signal));

  const place = { host: { setting: "HOST", value: host }, port: { setting: "PORT", value: 0 } };
  const servers = [await listen(botApi, place), await listen(modelApi, place)] as const;
  return {
    /** What the worker is to be told of them. */
    settings: {
      TELEGRAM_API_ROOT: `http://${host}:${servers[0].port}`,
      OPENAI_BASE_URL: `http://${host}:${servers[1].port}/v1`,
      OPENAI_MODEL: "local",
    },
    /** What the model says next, in one piece. */
    answerNextWith: (content: string) => void answers.push(content),
    /** The bodies that the model was sent. */
    shown,
    /** The calls of the Bot API, in order. */
    calls,
    openChat: () => openOwnChat(telegram),
    async stop() {
      stopping.abort();
      await Promise.all(servers.map((server) => server.close()));
      db.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** A person in a chat of it. */
function openOwnChat({ db, person, changed }: LocalTelegram) {
  const id = person.startChat();
  const bots = () => messagesAfter(db, id, 0, 1000).filter(({ sender }) => sender === "bot");

  /** The first message of the bot, after one, that reads so, once it does. */
  async function reply(reads: RegExp, after = 0): Promise<StoredMessage> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = bots().find(({ messageId, text }) => messageId > after && reads.test(text));
      if (found) return found;
      const left = giveUpAt - performance.now();
      if (left <= 0 || !(await changed.rang(left, NEVER))) throw new Error(`no ${reads}, but: ${said().join(" | ")}`);
    }
  }

  const say = (text: string, replyTo: number | null = null) => person.send(id, text, replyTo).message_id;
  const said = () => bots().map(({ text }) => text);
  return {
    id,
    say,
    said,
    messages: bots,
    reply,
    /** What the bot answers to a text. */
    ask: (text: string, reads: RegExp, replyTo: number | null = null) => reply(reads, say(text, replyTo)),
    press(message: StoredMessage, name: string): void {
      const button = message.keyboard?.inline_keyboard.flat().find(({ text }) => text === name);
      if (!button?.callback_data) throw new Error(`no button ${name} below: ${message.text}`);
      person.press(id, message.messageId, button.callback_data);
    },
  };
}
