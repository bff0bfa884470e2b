import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { openChat } from "./chat.ts";
import { linesOf, must, run } from "./command.ts";

/** What the images are made of: a copy, so that no .env of whoever runs this comes along. */
const SOURCES = [
  ".dockerignore",
  "Dockerfile.supervisor",
  "Dockerfile.worker",
  "docker-compose.yml",
  "package.json",
  "package-lock.json",
  "services",
  "shared",
];
const ROOT = resolve(import.meta.dirname, "../..");

/** When to stop waiting for what will never come; what does come takes seconds. */
const PATIENCE_MS = 60_000;

/** What `lastgood events --json` prints, a line each. */
export interface SeenEvent {
  readonly id: number;
  readonly timestamp: string;
  readonly parent_id: number | null;
  readonly event_type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export type System = Awaited<ReturnType<typeof startSystem>>;

/** What the first worker's image has beside its own instructions, and the event with which it has come up. */
interface FirstWorker {
  readonly instructions: string;
  readonly until: string;
}

/** An engine beside the machine's, where the images are built: it receives them. */
interface OtherEngine {
  readonly socket: string;
  readonly env: Readonly<Record<string, string>>;
  receive(images: readonly string[]): Promise<unknown>;
  reach(published: string): Promise<string>;
}

/** What is not as it is in most systems. */
interface Unusual {
  readonly firstWorker?: FirstWorker;
  readonly engine?: OtherEngine;
  /** Files beside docker-compose.yml, as one that overrides it; by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Builds the project and brings it up as a compose project of its own; resolves when a worker is ready. */
export async function startSystem(
  name: string,
  settings: Readonly<Record<string, string>> = {},
  { firstWorker = { instructions: "", until: "worker.ready" }, engine, files = {} }: Unusual = {},
) {
  const directory = copyOfTheProject({
    PROBATION_SECONDS: "2",
    ...(engine && { DOCKER_SOCKET_PATH: engine.socket }),
    ...settings,
  });
  const source = (path: string) => join(directory, path);
  for (const [path, text] of Object.entries(files)) writeFileSync(source(path), text);
  appendFileSync(source("Dockerfile.worker"), firstWorker.instructions);
  const project = `lastgood-e2e-${name}`;
  const tags = { COMPOSE_PROJECT_NAME: project, WORKER_TAG: name, SUPERVISOR_TAG: name, CONSOLE_PORT: "0" };
  const builder = { cwd: directory, env: { ...process.env, ...tags } };
  const inDirectory = { cwd: directory, env: { ...builder.env, ...engine?.env } };
  const compose = (...args: string[]) => must("docker", ["compose", ...args], inDirectory);

  /**
   * The first event after an id of which this is true, read through the CLI in the console's container. What is executed
   * in a container stays there when nobody reads it any more, so it follows for a moment at a time.
   */
  async function nextEvent(afterId: number, matches: (event: SeenEvent) => boolean): Promise<SeenEvent> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    for (let last = afterId; !patience.aborted; ) {
      const found = new AbortController();
      const signal = AbortSignal.any([found.signal, patience]);
      const follow = ["timeout", "8", "lastgood", "events", "--follow", "--json", "--since", String(last)];
      const lines = linesOf("docker", ["compose", "exec", "-T", "console", ...follow], { ...inDirectory, signal });
      for await (const line of lines) {
        const event: SeenEvent = JSON.parse(line);
        last = event.id;
        if (!matches(event)) continue;
        found.abort();
        return event;
      }
    }
    throw new Error(`no such event came:\n${await compose("logs", "--tail", "30")}`);
  }

  /** Resolves when a service has logged this. */
  async function lineOf(service: string, containing: string): Promise<void> {
    const found = new AbortController();
    const signal = AbortSignal.any([found.signal, AbortSignal.timeout(PATIENCE_MS)]);
    const logs = ["compose", "logs", "--follow", "--no-log-prefix", service];
    for await (const line of linesOf("docker", logs, { ...inDirectory, signal })) {
      if (line.includes(containing)) return found.abort();
    }
    throw new Error(`${service} did not say ${containing}:\n${await compose("logs", "--tail", "30")}`);
  }

  /** Resolves when a worker is ready. */
  async function up(): Promise<void> {
    await compose("up", "--detach");
    await lineOf("supervisor", "process.started"); // now there is a database to read
    await nextEvent(0, ({ event_type }) => event_type === firstWorker.until);
  }

  const system = {
    project,
    image: `lastgood-worker:${name}`,
    worker: `${project}-worker-1`,
    supervisor: `${project}-supervisor-1`,
    console: `${project}-console-1`,
    compose,
    lineOf,
    nextEvent,
    eventOf: (type: string, afterId = 0) => nextEvent(afterId, ({ event_type }) => event_type === type),
    lastgood: (...args: string[]) =>
      run("docker", ["compose", "exec", "-T", "supervisor", "lastgood", ...args], inDirectory),
    inConsole: (...command: string[]) => run("docker", ["compose", "exec", "-T", "console", ...command], inDirectory),
    async newestEventId(): Promise<number> {
      const { stdout } = await system.lastgood("events", "--json", "-n", "1");
      return JSON.parse(stdout).id;
    },
    /** All that was recorded after an event. */
    async eventsSince(id: number): Promise<SeenEvent[]> {
      const { stdout } = await system.lastgood("events", "--json", "--since", String(id));
      return stdout
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    },
    imageOfWorker: () => must("docker", ["inspect", "--format", "{{.Image}}", `${project}-worker-1`]),
    idOf: (image: string) => must("docker", ["image", "inspect", "--format", "{{.Id}}", image]),
    /** Kills the process in a container, and nobody asked the engine for it. Resolves with when, in Unix milliseconds. */
    killFromWithin: async (container = `${project}-worker-1`) =>
      Number(
        await must(
          "docker",
          ["exec", container, "sh", "-c", "node=$(pidof node); date +%s%3N; kill -9 $node"],
          inDirectory,
        ),
      ),
    /** The supervisor's process dies once this prints a line in its container; the engine restarts the container. */
    killSupervisor: (once = "echo now") =>
      run(
        "docker",
        ["exec", `${project}-supervisor-1`, "sh", "-c", `${once} | { read _; kill -9 $(pidof node); }`],
        inDirectory,
      ),
    /** Begins anew, of the same images, with nothing in the log. */
    async renew() {
      await compose("down", "--volumes");
      await up();
    },
    async openChat() {
      const published = await compose("port", "console", "8080");
      return openChat(`http://${engine ? await engine.reach(published) : published}`, PATIENCE_MS);
    },
    /** Builds a further worker image on top of the first; its tag is a revision to deploy. */
    async buildWorker(tag: string, ...instructions: string[]): Promise<string> {
      const image = `lastgood-worker:${name}-${tag}`;
      const dockerfile = source(`Dockerfile.${tag}`);
      writeFileSync(dockerfile, [`FROM lastgood-worker:${name}`, ...instructions, ""].join("\n"));
      await must("docker", ["build", "--quiet", "--tag", image, "--file", dockerfile, directory]);
      await engine?.receive([image]);
      return image;
    },
    /** Puts a file among the project's, where a Dockerfile may copy it from. */
    add: (path: string, from: string) => cpSync(from, source(path)),
    /** Changes a file of the project, as whoever works on it does. */
    change: (path: string, change: (text: string) => string) =>
      writeFileSync(source(path), change(readFileSync(source(path), "utf8"))),
    /** Adds settings to the operator's .env. */
    set: (settings: Readonly<Record<string, string>>) => appendFileSync(source(".env"), linesOfEnv(settings)),
    async stop() {
      await compose("down", "--volumes");
      const ours = [`${project}-held`, `lastgood-worker:${name}*`, `lastgood-supervisor:${name}`];
      const filters = ours.flatMap((reference) => ["--filter", `reference=${reference}`]);
      const listed = await must("docker", ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}", ...filters]);
      const tags = listed.split("\n").filter(Boolean);
      if (tags.length > 0) await must("docker", ["image", "rm", "--force", ...tags]);
      rmSync(directory, { recursive: true });
    },
  };
  await compose("down", "--volumes"); // what a run that was cut short left
  try {
    await must("docker", ["compose", "build"], builder);
    await engine?.receive([`lastgood-worker:${name}`, `lastgood-supervisor:${name}`]);
    await up();
  } catch (error) {
    await system.stop();
    throw error;
  }
  return system;
}

function copyOfTheProject(settings: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "lastgood-e2e-"));
  for (const source of SOURCES) cpSync(join(ROOT, source), join(directory, source), { recursive: true });
  writeFileSync(join(directory, ".env"), linesOfEnv(settings));
  return directory;
}

function linesOfEnv(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
