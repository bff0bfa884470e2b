import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { logEvent } from "../../../shared/event-log.ts";
import { EventType } from "../../../shared/event-types.ts";
import { type TemporaryPast, temporaryPast } from "../archive/temporary-past.ts";

const socket = () => join(past.directory, "docker.sock");

const PROGRAM = resolve(import.meta.dirname, "../main.ts");

let past: TemporaryPast;
let script: string;
beforeEach(async () => {
  past = temporaryPast(Date.now());
  script = await execute(process.execPath, [PROGRAM, "completion", "bash"]);
});
afterEach(() => past.remove());

const execute = (program: string, args: readonly string[]): Promise<string> =>
  new Promise((ended) => {
    const env = {
      PATH: process.env.PATH,
      HOME: past.directory,
      STATE_DIR: past.directory,
      REQUESTS_DIR: resolve(past.directory, "requests"),
      DOCKER_SOCKET: socket(),
    };
    execFile(program, args, { env }, (_error, stdout, stderr) => ended(stdout + stderr));
  });

/** What a real bash offers at the end of a line. */
async function complete(line: string): Promise<string[]> {
  const lastgood = `lastgood() { '${process.execPath}' '${PROGRAM}' "$@"; }`;
  const typed = `COMP_LINE='${line}' COMP_POINT=${line.length}`;
  const printed = await execute("bash", [
    "--norc",
    "-c",
    `${lastgood}\n${script}\n${typed}; _lastgood; echo "\${COMPREPLY[@]}"`,
  ]);
  return printed.trim().split(" ").filter(Boolean);
}

test("bash completes commands, options, and an option's words", async () => {
  expect(await complete("lastgood re")).toEqual(["retry", "revisions", "restore"]);
  expect(await complete("lastgood events --f")).toEqual(["--follow"]);
  expect(await complete("lastgood inbox --status set")).toEqual(["set_aside"]);
  expect(await complete("lastgood completion z")).toEqual(["zsh"]);
  expect(await complete("lastgood status ")).toEqual([]);
});

test("bash completes the images, messages and chats that the database knows", async () => {
  const image = { revision: "worker:v2", image_id: "sha256:b", request_id: null, reason: "configured" } as const;
  logEvent(past.db, past.supervisor, EventType.DeployStarted, image);
  for (let number = 0; number < 12; number += 1) past.message({ at: Date.now(), chatId: -100 });
  expect(await complete("lastgood deploy wor")).toEqual(["worker:v2"]);
  expect(await complete("lastgood deploy worker:")).toEqual(["v2"]); // what comes after the colon is all that bash replaces
  expect(await complete("lastgood why 1")).toEqual(["12", "11", "10", "1"]);
  expect(await complete("lastgood retry 3 1")).toEqual(["12", "11", "10", "1"]);
  expect(await complete("lastgood forget -y -- ")).toEqual(["-100"]);
});

/** What nobody should take for anything but data. `HERE` is the directory of the test. */
const HOSTILE = [
  ...[
    "$(touch HERE/ran)",
    "`touch HERE/ran`",
    "a;touch HERE/ran",
    "*",
    "~",
    "a b",
    "it's",
    'say "x"',
    "-f",
    "\\n",
    "$HOME",
  ],
];

/** A shell with the script for it, in which `lastgood` prints what is hostile. */
async function shellWithHostileWords(shell: string, then: string): Promise<string> {
  const words = HOSTILE.map((word) => word.replace("HERE", past.directory));
  writeFileSync(join(past.directory, "words"), `${words.join("\n")}\n`);
  const printing = shell === "fish" ? "function lastgood; cat words; end" : "lastgood() { cat words; }";
  const own = await execute(process.execPath, [PROGRAM, "completion", shell]);
  const without = { bash: ["--norc"], zsh: ["-f"], fish: ["--no-config"] }[shell] ?? [];
  const printed = await execute(shell, [
    ...without,
    "-c",
    `cd '${past.directory}'\n${printing}\n${before(shell)}\n${own}\n${then}`,
  ]);
  return printed.replaceAll(past.directory, "HERE");
}

/** In place of what zsh has on a terminal alone; it prints each word that it is offered. */
const before = (shell: string) =>
  shell === "zsh"
    ? `compdef() { }; compadd() { shift; print -rl -- "$@" }; words=(lastgood deploy ""); CURRENT=3; PREFIX=`
    : "";

const lines = (printed: string) => printed.split("\n").filter(Boolean);

test("bash takes what it is offered for data, and quotes it for the line", async () => {
  const typed = `COMP_LINE='lastgood deploy ' COMP_POINT=16; _lastgood; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const printed = await shellWithHostileWords("bash", typed);
  expect(lines(printed).slice(0, 6)).toEqual([
    "\\$\\(touch\\ HERE/ran\\)",
    "\\`touch\\ HERE/ran\\`",
    "a\\;touch\\ HERE/ran",
    "\\*",
    "\\~",
    "a\\ b",
  ]);
  expect(lines(printed)).toHaveLength(HOSTILE.length);
  expect(existsSync(join(past.directory, "ran"))).toBe(false);
});

/** What the machine has: bash is everywhere, these are not. */
const isHere = (shell: string) => (process.env.PATH ?? "").split(":").some((path) => existsSync(join(path, shell)));

test("zsh and fish, where they are, take it for data", async () => {
  const offered = {
    zsh: () => shellWithHostileWords("zsh", "_lastgood"),
    fish: () => shellWithHostileWords("fish", "complete -C 'lastgood deploy '"),
  };
  for (const [shell, offer] of Object.entries(offered)) {
    if (isHere(shell)) expect([shell, lines(await offer()).sort()]).toEqual([shell, [...HOSTILE].sort()]);
  }
  expect(existsSync(join(past.directory, "ran"))).toBe(false);
});

test("of the log only references of images are offered", async () => {
  for (const revision of ["$(touch /tmp/x)", "-rf", "worker:v1", "a b", "worker:v2\nworker:v3", "`id`"]) {
    const image = { revision, image_id: "sha256:b", request_id: null, reason: "configured" } as const;
    logEvent(past.db, past.supervisor, EventType.DeployStarted, image);
  }
  expect(await execute(process.execPath, [PROGRAM, "completion", "image"])).toBe("worker:v1\n");
});

test("where the engine can be asked, the workers that are here are offered, the newest first", async () => {
  const image = { revision: "registry:5000/me/agent:v1", image_id: "sha256:b", request_id: null } as const;
  logEvent(past.db, past.supervisor, EventType.DeployStarted, { ...image, reason: "requested" });
  const label = { "org.opencontainers.image.title": "lastgood worker" };
  const images = [
    { Created: 1, RepoTags: ["worker:old", "lastgood-held:0123456789ab"], Labels: label },
    { Created: 3, RepoTags: ["worker:new"], Labels: label },
    { Created: 2, RepoTags: ["registry:5000/me/agent:v2"], Labels: null },
    { Created: 4, RepoTags: ["postgres:17"], Labels: {} },
    { Created: 5, RepoTags: null, Labels: label },
    { Created: 6, RepoTags: ["<none>:<none>"], Labels: label },
  ];
  const engine = createServer((asked, answer) =>
    answer.end(asked.url === "/images/json" ? JSON.stringify(images) : ""),
  );
  await once(engine.listen(socket()), "listening");
  const offered = await execute(process.execPath, [PROGRAM, "completion", "image"]);
  engine.close();
  expect(lines(offered)).toEqual(["worker:new", "registry:5000/me/agent:v2", "worker:old"]);
});
