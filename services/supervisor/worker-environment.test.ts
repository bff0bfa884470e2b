import { expect, test } from "@jest/globals";
import { identityVariables, workerEnvironment } from "./worker-environment.ts";

const facts = { stateDir: "/state", localPeersUrl: "http://console:8081" };
const environment = (given: Record<string, string>, keptBack: string[] = []) =>
  workerEnvironment(given, new Set(keptBack), facts);

test("the operator's variables reach the worker, the supervisor's do not", () => {
  const given = { TELEGRAM_BOT_TOKEN: "123:abc", WEATHER_API_KEY: "k", CRASH_THRESHOLD: "5", PATH: "/bin" };
  expect(environment(given, ["PATH"])).toMatchObject({ TELEGRAM_BOT_TOKEN: "123:abc", WEATHER_API_KEY: "k" });
  for (const name of ["CRASH_THRESHOLD", "PATH"]) expect(environment(given, ["PATH"])).not.toHaveProperty(name);
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
