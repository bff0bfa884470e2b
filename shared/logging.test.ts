import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const MODULE = join(import.meta.dirname, "logging.ts");

/** What a process with these settings prints. */
function printed(settings: { LOG_LEVEL: string; LOG_FORMAT: string }): string {
  const script = `const { createLogger } = await import(${JSON.stringify(MODULE)});
    const log = createLogger("worker", ${JSON.stringify(settings)});
    log.info({ event_id: 42, url: "https://api/bot4711:secret/send" }, "message answered");
    log.debug("not asked for");`;
  const env = { TELEGRAM_BOT_TOKEN: "4711:secret" };
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { env });
  expect(stderr.toString()).toBe("");
  return stdout.toString();
}

test("a line is JSON for programs, and carries the event that it is about", () => {
  const line = JSON.parse(printed({ LOG_LEVEL: "info", LOG_FORMAT: "json" }));
  expect(line).toMatchObject({ level: "info", service: "worker", event_id: 42, msg: "message answered" });
  expect(line.url).not.toContain("secret");
});

test("pretty, it is for people, and keeps secrets as well", () => {
  const text = printed({ LOG_LEVEL: "info", LOG_FORMAT: "pretty" });
  expect(text).toMatch(/^\[\d\d:\d\d:\d\d\] INFO: worker: message answered\n {4}event_id: 42\n/);
  expect(text).not.toContain("secret");
  expect(text).not.toContain("not asked for");
});
