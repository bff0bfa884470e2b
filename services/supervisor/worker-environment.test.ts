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

test("what is the console's, compose's or the engine's never reaches a worker", () => {
  const theirs = ["CONSOLE_TOKEN", "COMPOSE_PROJECT_NAME", "DOCKER_HOST", "LOCAL_PORT", "WORKER_TAG", "SUPERVISOR_TAG"];
  const given = environment(Object.fromEntries(theirs.map((name) => [name, "x"])));
  expect(theirs.filter((name) => name in given)).toEqual([]);
});

test("of the supervisor's own settings a worker shares how to log, and how long its grace is", () => {
  const shared = { LOG_LEVEL: "debug", LOG_FORMAT: "json", STOP_GRACE_SECONDS: "5" };
  expect(environment(shared)).toMatchObject(shared);
});

test("a variable that is empty is not set: a local peer takes its place", () => {
  const given = environment({ WEATHER_API_KEY: "  ", TELEGRAM_BOT_TOKEN: "", OPENAI_BASE_URL: " " });
  expect(given).not.toHaveProperty("WEATHER_API_KEY");
  expect(given).toMatchObject({ TELEGRAM_BOT_TOKEN: "1:local", OPENAI_BASE_URL: "http://console:8081/v1" });
});

test("beside the local peers an operator's own chats and model are kept", () => {
  const own = { TELEGRAM_ALLOWED_CHATS: "7", TELEGRAM_OWNER_CHAT: "7", OPENAI_MODEL: "small" };
  expect(environment(own)).toMatchObject({ ...own, TELEGRAM_BOT_TOKEN: "1:local", OPENAI_API_KEY: expect.any(String) });
});

test("the state directory is where it is mounted, whatever the operator calls it", () => {
  expect(environment({ STATE_DIR: "/elsewhere" })).toMatchObject({ STATE_DIR: "/state" });
});
