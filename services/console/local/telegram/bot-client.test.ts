import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Bot, GrammyError } from "grammy";
import { type TemporaryConsole, temporaryConsole } from "../../temporary-console.ts";

let local: TemporaryConsole;
let apiRoot: string;
beforeEach(async () => {
  local = temporaryConsole();
  apiRoot = await local.serve(local.local);
});
afterEach(() => local.remove());

test("a grammY bot hears a command and a press, answers both, and confirms on stopping", async () => {
  const chatId = local.telegram.person.startChat();
  local.telegram.person.send(chatId, "/start");
  const bot = new Bot("1:local", { client: { apiRoot } });
  const inline_keyboard = [[{ text: "More", callback_data: "more" }]];
  bot.command("start", async (context) => {
    await context.replyWithChatAction("typing");
    await context.reply("Welcome", { reply_markup: { inline_keyboard } });
    local.telegram.person.press(chatId, 2, "more");
  });
  bot.on("callback_query:data", async (context) => {
    await context.answerCallbackQuery();
    await context.editMessageText(`You pressed ${context.callbackQuery.data}`);
    await bot.stop();
  });
  await bot.start();

  expect(await messagesIn(chatId)).toEqual(["/start", "You pressed more"]);
  expect((await local.call("getUpdates")).result).toEqual([]);
});

test("grammY sees refusals as Telegram's errors", async () => {
  const { api } = new Bot("1:local", { client: { apiRoot } });
  await expect(api.sendMessage(4711, "x")).rejects.toMatchObject({
    error_code: 400,
    description: "Bad Request: chat not found",
  });
  await expect(new Bot("2:other", { client: { apiRoot } }).api.getMe()).rejects.toBeInstanceOf(GrammyError);
  expect(await api.setMyCommands([{ command: "help", description: "What I can do" }])).toBe(true);
});

async function messagesIn(chatId: number): Promise<string[]> {
  const { messages } = (await (await local.ask(`/chats/${chatId}/messages`)).json()) as {
    messages: { text: string }[];
  };
  return messages.map(({ text }) => text);
}
