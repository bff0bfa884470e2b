import { expect, test } from "@jest/globals";
import { SetupError } from "../../shared/setup-error.ts";
import { pageAddress, readConsoleSettings } from "./settings.ts";

test("everything has a default, and the page is for this machine alone", () => {
  expect(readConsoleSettings({})).toMatchObject({
    CONSOLE_HOST: "127.0.0.1",
    CONSOLE_PUBLISHED: "127.0.0.1",
    CONSOLE_ALLOWED_HOSTS: ["127.0.0.1", "localhost", "[::1]"],
  });
});

test("a page that others can reach is not started without a token", () => {
  for (const open of [{ CONSOLE_HOST: "0.0.0.0" }, { CONSOLE_PUBLISHED: "192.168.0.2" }, { CONSOLE_HOST: "::" }]) {
    expect(() => readConsoleSettings(open)).toThrow(SetupError);
    expect(() => readConsoleSettings(open)).toThrow(/Set CONSOLE_TOKEN to a long random text/);
    expect(() => readConsoleSettings({ ...open, CONSOLE_TOKEN: "long and very random" })).not.toThrow();
  }
});

test("a token that could be guessed is refused, and not shown", () => {
  expect(() => readConsoleSettings({ CONSOLE_TOKEN: "sesame" })).toThrow(
    "CONSOLE_TOKEN is not valid: it must be a random text of at least 16 characters, such as openssl rand -hex 16 prints. Correct it, or remove it to have none.",
  );
});

test("in a container it may listen everywhere when it is published on the loopback", () => {
  const container = { CONSOLE_HOST: "0.0.0.0", CONSOLE_PUBLISHED: "127.0.0.1" };
  expect(readConsoleSettings(container).CONSOLE_HOST).toBe("0.0.0.0");
});

test("the page is found where it is published, not where it listens", () => {
  const address = (environment: Record<string, string>) => pageAddress(readConsoleSettings(environment), 8080);
  expect(address({})).toBe("http://127.0.0.1:8080");
  const container = { CONSOLE_HOST: "0.0.0.0", CONSOLE_PUBLISHED: "127.0.0.1", CONSOLE_PUBLISHED_PORT: "9000" };
  expect(address(container)).toBe("http://127.0.0.1:9000");
  expect(address({ ...container, CONSOLE_PUBLISHED: "::1" })).toBe("http://[::1]:9000");
});

test("a host name with a port or a scheme is told to be none", () => {
  expect(readConsoleSettings({ CONSOLE_ALLOWED_HOSTS: "Box.local , [::1]" }).CONSOLE_ALLOWED_HOSTS).toEqual([
    "box.local",
    "[::1]",
  ]);
  for (const list of ["localhost:8080", "http://localhost", "a,,b"]) {
    expect(() => readConsoleSettings({ CONSOLE_ALLOWED_HOSTS: list })).toThrow(/host names without ports/);
  }
});
