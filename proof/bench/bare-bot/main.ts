import { run, sequentialize } from "@grammyjs/runner";
import { Bot } from "grammy";
import OpenAI from "openai";

/** What the worker is measured against: grammY's runner and the openai package, as one writes it in an afternoon. */

const { TELEGRAM_BOT_TOKEN = "", TELEGRAM_API_ROOT = "", OPENAI_API_KEY = "", OPENAI_BASE_URL = "" } = process.env;
const { OPENAI_MODEL = "", WORKER_CONCURRENCY = "50", TG_HISTORY_WINDOW = "12" } = process.env;

const bot = new Bot(TELEGRAM_BOT_TOKEN, { client: { apiRoot: TELEGRAM_API_ROOT } });
const openai = new OpenAI({ apiKey: OPENAI_API_KEY, baseURL: OPENAI_BASE_URL });
const histories = new Map<number, OpenAI.ChatCompletionMessageParam[]>();

bot.use(sequentialize((context) => String(context.chat?.id)));
bot.on("message:text", async (context) => {
  void context.replyWithChatAction("typing");
  const history = histories.get(context.chat.id) ?? [];
  history.push({ role: "user", content: context.message.text });
  const system = { role: "system" as const, content: "You are a helpful assistant in a Telegram chat." };
  const answer = await openai.chat.completions.create({ model: OPENAI_MODEL, messages: [system, ...history] });
  const content = answer.choices[0]?.message.content ?? "";
  await context.reply(content);
  history.push({ role: "assistant", content });
  histories.set(context.chat.id, history.slice(-Number(TG_HISTORY_WINDOW)));
});

run(bot, { sink: { concurrency: Number(WORKER_CONCURRENCY) } });
