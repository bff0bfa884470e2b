import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must, run } from "./command.ts";

/** Joins its input and output to an address. */
const PASSAGE = `const { hostname, port } = new URL("http://" + process.argv[1]);
const socket = require("net").connect(port, hostname);
process.stdin.pipe(socket).pipe(process.stdout);`;

export type OwnEngine = Awaited<ReturnType<typeof startOwnEngine>>;

/**
 * A Docker daemon of the test's own beside the machine's, to be restarted, killed and filled up. Takes root.
 *
 * @param options `sizeMb` puts its data on a small disk in memory
 */
export async function startOwnEngine(options: { readonly sizeMb?: number } = {}) {
  const directory = mkdtempSync(join(tmpdir(), "lastgood-engine-"));
  const socket = join(directory, "docker.sock");
  const data = join(directory, "data");
  mkdirSync(data);
  if (options.sizeMb) await must("mount", ["-t", "tmpfs", "-o", `size=${options.sizeMb}m`, "tmpfs", data]);
  // In a network of its own: a second daemon in the machine's takes over docker0 and its rules, or deletes them.
  const network = `lastgood-${process.pid}`;
  await must("ip", ["netns", "add", network]);
  await must("ip", ["-netns", network, "link", "set", "lo", "up"]);
  const inside = ["nsenter", `--net=/run/netns/${network}`] as const;
  const flags = [
    ...["--data-root", data, "--exec-root", join(directory, "exec"), "--pidfile", join(directory, "pid")],
    ...["--host", `unix://${socket}`],
  ];
  const passages: Server[] = [];
  let daemon: ChildProcess;

  const engine = {
    socket,
    data,
    env: { DOCKER_HOST: `unix://${socket}` },
    docker: (...args: string[]) => must("docker", ["--host", `unix://${socket}`, ...args]),
    /** Copies images over from the machine's engine. */
    receive: (images: readonly string[]) =>
      must("sh", ["-ec", 'docker save "$@" | docker --host "$ENGINE" load --quiet', "sh", ...images], {
        env: { ...process.env, ENGINE: `unix://${socket}` },
      }),
    /** Where an address that a container publishes in the engine's network is reached from here. */
    async reach(published: string): Promise<string> {
      const [program, ...args] = [...inside, process.execPath, "-e", PASSAGE, published];
      const passage = createServer((socket) => {
        const inner = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"] });
        socket.on("error", () => inner.kill()).on("close", () => inner.kill());
        inner.stdin.on("error", () => socket.destroy());
        socket.pipe(inner.stdin);
        inner.stdout.pipe(socket);
      });
      passages.push(passage);
      await once(passage.listen(0, "127.0.0.1"), "listening");
      return `127.0.0.1:${(passage.address() as AddressInfo).port}`;
    },
    /** @param more flags for dockerd */
    async start(...more: readonly string[]) {
      const log = openSync(join(directory, "log"), "a");
      daemon = spawn("nsenter", [...inside.slice(1), "dockerd", ...flags, ...more], { stdio: ["ignore", log, log] });
      closeSync(log);
      const ended = once(daemon, "exit");
      const listens = must("sh", ["-c", `until docker --host unix://${socket} version >/dev/null 2>&1; do :; done`]);
      const first = await Promise.race([listens.then(() => "listens"), ended.then(() => "ended")]);
      if (first === "ended") throw new Error(readFileSync(join(directory, "log"), "utf8"));
    },
    /** SIGTERM lets it stop its containers, unless it restores them alive; SIGKILL lets it do nothing. */
    async end(signal: "SIGTERM" | "SIGKILL" = "SIGTERM") {
      const ended = once(daemon, "exit");
      daemon.kill(signal);
      await ended;
    },
    async stop() {
      const left = (await engine.docker("ps", "--all", "--quiet")).split("\n").filter(Boolean);
      if (left.length > 0) await engine.docker("rm", "--force", ...left);
      await engine.end();
      for (const passage of passages) passage.close();
      await must("ip", ["netns", "delete", network]);
      // A killed daemon leaves its mounts.
      await run("sh", [
        "-c",
        `grep -o '${directory}[^ ]*' /proc/mounts | sort -r | xargs --no-run-if-empty umount --lazy`,
      ]);
      rmSync(directory, { recursive: true });
    },
  };
  await engine.start();
  return engine;
}
