import { expect, test } from "@jest/globals";
import { checkEnvironment } from "./check-environment.ts";

const given = (environment: Record<string, string>) => checkEnvironment(environment, "/state");

test("of a secret only its form is left, so what a check says of its form stays true", () => {
  expect(
    given({
      TELEGRAM_BOT_TOKEN: "123456:AAbb-C_9",
      OPENAI_API_KEY: "sk-A1 b",
      AGENT_WEATHER_TOKEN: "né9",
      OPENAI_MODEL: "gpt-5-mini",
    }),
  ).toEqual({
    TELEGRAM_BOT_TOKEN: "111111:xxxx-x_1",
    OPENAI_API_KEY: "xx-x1 x",
    AGENT_WEATHER_TOKEN: "xø1",
    OPENAI_MODEL: "gpt-5-mini",
  });
});

test("a password in an address is a secret, too", () => {
  expect(given({ HTTPS_PROXY: "http://ann:s3cret@proxy:3128", OPENAI_BASE_URL: "https://api.openai.com/v1" })).toEqual({
    HTTPS_PROXY: "http://ann:x1xxxx@proxy:3128",
    OPENAI_BASE_URL: "https://api.openai.com/v1",
  });
});

test("what lies on the state volume is not asked of a check, a file that an image brings is", () => {
  expect(given({ AGENT_PROMPT_FILE: "/state/prompt.txt", DAILY_BUDGET_USD: "5" })).toEqual({ DAILY_BUDGET_USD: "5" });
  expect(given({ AGENT_PROMPT_FILE: "/app/prompt.txt" })).toEqual({ AGENT_PROMPT_FILE: "/app/prompt.txt" });
});

test("a budget by prices that are not there cannot be checked", () => {
  expect(given({ MODEL_PRICES_FILE: "/state/prices.json", DAILY_BUDGET_USD: "5" })).toEqual({});
  expect(given({ MODEL_PRICES_FILE: "/app/prices.json", DAILY_BUDGET_USD: "5" })).toEqual({
    MODEL_PRICES_FILE: "/app/prices.json",
    DAILY_BUDGET_USD: "5",
  });
});
