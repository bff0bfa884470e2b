import { expect, test } from "@jest/globals";
import { identityVariables, workerEnvironment } from "./worker-environment.ts";

const facts = { stateDir: "/state", localPeersUrl: "http://console:8081" };
const environment = (given: Record<string, string>) => workerEnvironment(given, facts);

test("a worker is given what it reads, and what an image of the operator's own reads; nothing else of .env", () => {
  const workers = {
    TELEGRAM_BOT_TOKEN: "123:abc",
    OPENAI_API_KEY: "sk-real",
    LOG_LEVEL: "debug",
    AGENT_WEATHER_API_KEY: "k",
    HTTPS_PROXY: "http://proxy:3128",
    NODE_EXTRA_CA_CERTS: "/state/ca.pem",
  };
  const others = {
    CRASH_THRESHOLD: "5",
    ALERT_WEBHOOK_URL: "https://hooks/of-alerts",
    CONSOLE_TOKEN: "of-the-console",
    AWS_SECRET_ACCESS_KEY: "of-something-else",
    NODE_OPTIONS: "--inspect",
    OWN_DIR: "/own",
    REQUESTS_DIR: "/requests",
    PATH: "/bin",
    NODE_ENV: "development",
  };
  expect(environment({ ...workers, ...others })).toEqual({ ...workers, STATE_DIR: "/state" });
});

test("what is empty counts as unset", () => {
  expect(environment({ OPENAI_MODEL: " ", OPENAI_API_KEY: "k", TELEGRAM_BOT_TOKEN: "1:a" })).not.toHaveProperty(
    "OPENAI_MODEL",
  );
});

test("a worker knows who it is and under whom it runs", () => {
  const identity = identityVariables({ instance: "12.3", parentId: 12 });
  expect(identity).toEqual({ PARENT_PROCESS_ID: "12", WORKER_INSTANCE: "12.3" });
  expect(environment({})).toMatchObject({ STATE_DIR: "/state" });
});

test("without credentials the local peers take their place, each on its own", () => {
  expect(environment({ OPENAI_API_KEY: "sk-real" })).toMatchObject({
    TELEGRAM_BOT_TOKEN: "1:local",
    TELEGRAM_API_ROOT: "http://console:8081",
    TELEGRAM_ALLOWED_CHATS: "*",
    TELEGRAM_OWNER_CHAT: "*",
    OPENAI_API_KEY: "sk-real",
  });
  expect(environment({ OPENAI_API_KEY: "sk-real" })).not.toHaveProperty("OPENAI_BASE_URL");
  expect(environment({ TELEGRAM_BOT_TOKEN: "123:abc" })).toMatchObject({
    OPENAI_BASE_URL: "http://console:8081/v1",
    OPENAI_MODEL: "local",
  });
  expect(environment({ TELEGRAM_BOT_TOKEN: "123:abc" })).not.toHaveProperty("TELEGRAM_ALLOWED_CHATS");
});

test("an address given without a credential is not replaced", () => {
  const given = environment({ OPENAI_BASE_URL: "http://ollama:11434/v1", TELEGRAM_API_ROOT: "http://bot-api:8081" });
  expect(given).toMatchObject({ OPENAI_BASE_URL: "http://ollama:11434/v1", TELEGRAM_API_ROOT: "http://bot-api:8081" });
  expect(given).not.toHaveProperty("OPENAI_API_KEY");
  expect(given).not.toHaveProperty("TELEGRAM_BOT_TOKEN");
});
