import { resolve } from "node:path";
import { expect } from "@jest/globals";
import { must, type Ran, run } from "./command.ts";
import { startSystem } from "./system.ts";

/** A system in which revisions are deployed that are ready like any other, and then harm what they share with everybody. */

const HANG_SECONDS = 10;
const READY_TIMEOUT_SECONDS = 30; // of a worker on a machine that has much else to do
const SETTINGS = {
  HANG_SECONDS: String(HANG_SECONDS),
  READY_TIMEOUT_SECONDS: String(READY_TIMEOUT_SECONDS),
  PROBATION_SECONDS: "20", // harm comes half a second after the worker is ready
  RECONCILE_SECONDS: "2",
};
/** So long after the harm the last good image answers again, on a machine that has nothing else to do. */
const BACK_SECONDS = Math.max(HANG_SECONDS, READY_TIMEOUT_SECONDS) + 10;
/** Other work on the machine takes its share. */
const NOISE = 2;

/** How a deploy of a revision that does harm went. */
export interface Suffered {
  /** What `lastgood deploy` came to. */
  readonly deployed: Ran;
  /** `lastgood status` of both containers, in the midst of it. */
  readonly meanwhile: readonly Ran[];
  /** From the harm until a message was answered by the last good image. */
  readonly seconds: number;
}

export type HostileSystem = Awaited<ReturnType<typeof startHostileSystem>>;

export async function startHostileSystem(name: string, files: Readonly<Record<string, string>> = {}) {
  const system = await startSystem(name, SETTINGS, { files });
  const figures: string[] = [];
  const chat = await system.openChat();
  await system.eventOf("revision.promoted");

  /** An image of a revision that does this once it is ready. */
  async function build(harm: string, ...instructions: string[]): Promise<string> {
    await run("docker", ["exec", system.supervisor, "rm", "-f", momentFileOf(harm)]);
    system.add("services/hostile.js", resolve(import.meta.dirname, "hostile.js"));
    const hook = ["COPY services/hostile.js /app/hostile.js", "ENV NODE_OPTIONS=--import=/app/hostile.js"];
    return system.buildWorker(
      harm.toLowerCase().replaceAll(" ", "-"),
      ...hook,
      `ENV HOSTILE="${harm}"`,
      ...instructions,
    );
  }

  /** Resolves with the moment of a harm, in Unix milliseconds, once it has happened. */
  async function momentOf(harm: string): Promise<number | null> {
    const file = momentFileOf(harm);
    const wait = `until test -s ${file}; do sleep 0.1; done; cat ${file}`;
    const { stdout } = await run("docker", ["exec", system.supervisor, "timeout", "60", "sh", "-c", wait]);
    return stdout === "" ? null : Number(stdout);
  }

  /** Deploys a revision, looks on from both containers while it does harm, and asks the agent something afterwards. */
  async function suffer(harm: string): Promise<Suffered> {
    const image = await build(harm);
    const deploying = system.lastgood("deploy", image);
    const moment = await momentOf(harm);
    expect(moment).not.toBeNull();
    const meanwhile = await Promise.all([system.lastgood("status"), system.inConsole("lastgood", "status")]);
    const deployed = await deploying;
    await chat.isAnswered(`after a revision that ${harm}`);
    const seconds = (Date.now() - (moment ?? 0)) / 1000;
    figures.push(`${seconds.toFixed(1).padStart(5)} s  ${harm}`);
    return { deployed, meanwhile, seconds };
  }

  return {
    system,
    chat,
    build,
    momentOf,
    suffer,
    /** The whole of what is promised of a revision that does harm; `reason` is what is told of it. */
    async isJudged(harm: string, reason: RegExp): Promise<Suffered> {
      const good = await system.idOf(system.image);
      const suffered = await suffer(harm);
      expect(suffered.deployed.exitCode).toBe(1);
      expect(suffered.deployed.stdout + suffered.deployed.stderr).toMatch(reason);
      // Whoever reads a file whose shared memory is cut at that moment is ended by it, and says so.
      const isTold = ({ exitCode, stderr }: Ran) => exitCode === 0 || stderr.includes("SIGBUS (135)");
      expect(suffered.meanwhile.filter((status) => !isTold(status))).toEqual([]);
      expect(suffered.seconds).toBeLessThan(BACK_SECONDS * NOISE);
      expect(await system.imageOfWorker()).toBe(good);
      const revisions = await system.lastgood("revisions");
      expect(revisions.stdout).toMatch(reason);
      return suffered;
    },
    async stop() {
      process.stdout.write(`until the last good image answered again:\n${figures.join("\n")}\n`);
      await system.stop();
    },
  };
}

/** Where a revision writes down when it did harm. */
const momentFileOf = (harm: string) => `/state/harm-${harm.replaceAll(" ", "-")}`;

/** When a container's process began, and how often it was begun anew. */
export function startOf(container: string): Promise<string> {
  return must("docker", ["inspect", "--format", "{{.State.StartedAt}} {{.RestartCount}}", container]);
}
