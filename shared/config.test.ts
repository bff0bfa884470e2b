import { expect, test } from "@jest/globals";
import { choice, readSettings, secretsIn, text, url, wholeNumber } from "./config.ts";
import { SetupError } from "./setup-error.ts";

const settings = {
  CRASH_THRESHOLD: wholeNumber({ about: "", default: 3, min: 1, max: 100 }),
  API_ROOT: url({ about: "" }),
  MODEL_NAME: text({ about: "", default: "small" }),
  LOG_LEVEL: choice({ about: "", choices: ["info", "debug"], default: "info" }),
};

test("what is unset or empty has its default", () => {
  expect(readSettings(settings, { API_ROOT: "http://console:8081/", MODEL_NAME: "" })).toEqual({
    CRASH_THRESHOLD: 3,
    API_ROOT: "http://console:8081",
    MODEL_NAME: "small",
    LOG_LEVEL: "info",
  });
});

test("all problems are told at once, each with its remedy, and no value is shown", () => {
  const read = () => readSettings(settings, { CRASH_THRESHOLD: "0", API_ROOT: "console", LOG_LEVEL: "s3cret-value" });
  expect(read).toThrow(SetupError);
  expect(read).toThrow(
    [
      "- CRASH_THRESHOLD is not valid: it must be a whole number from 1 to 100. Correct it, or remove it to have 3.",
      "- API_ROOT is not valid: it must be a URL that starts with http:// or https://. Correct it.",
      "- LOG_LEVEL is not valid: it must be one of info, debug. Correct it, or remove it to have info.",
    ].join("\n"),
  );
});

test("what has no default must be set", () => {
  expect(() => readSettings(settings, {})).toThrow(
    "API_ROOT is not set. It must be a URL that starts with http:// or https://.",
  );
});

test("secrets are known by the names of their variables", () => {
  expect(secretsIn({ TELEGRAM_BOT_TOKEN: "1:a", WEATHER_API_KEY: "k", PATH: "/bin", OPENAI_API_KEY: "" })).toEqual([
    "1:a",
    "k",
  ]);
  const named = { db_passwd: "a", SMTP_PASS: "b", SENTRY_DSN: "c", GITHUB_PAT: "d", MAIL_PWD: "e", STRIPE_APIKEY: "f" };
  expect(secretsIn({ ...named, PWD: "/app", MAX_TOKENS: "50000", NODE_PATH: "/p", BYPASS: "g" })).toEqual([
    ..."abcdef",
  ]);
});
