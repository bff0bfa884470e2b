import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "./chat.ts";
import { linesOf, must, run } from "./command.ts";
import { type System, startSystem } from "./system.ts";

/** The supervisor dies at any moment, and its successor goes on from the log and from what the engine holds. */

let system: System;
let chat: Chat;
beforeAll(async () => {
  system = await startSystem("supervisor-deaths", { CRASH_THRESHOLD: "4" });
  chat = await system.openChat();
  await system.eventOf("revision.promoted");
});
afterAll(async () => {
  await run("docker", ["rm", "--force", second()]);
  await system?.stop();
});

const second = () => `${system.project}-second`;
const identityOfWorker = () => must("docker", ["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", system.worker]);

/** The supervisor dies as soon as this is recorded after an event: seen and done inside of its container. */
const diesAt = (type: string, afterId: number) =>
  system.killSupervisor(`lastgood events --follow --json --since ${afterId} --type ${type}`);

/** Everything after an event until this deploy is promoted; fails if it is decided otherwise. */
async function decisionOn(image: string, afterId: number) {
  const promoted = await system.nextEvent(afterId, ({ event_type, payload }) => {
    return ["revision.promoted", "deploy.failed", "deploy.rejected"].includes(event_type) && payload.revision === image;
  });
  const events = await system.eventsSince(afterId);
  const facts = ["deploy.", "worker.spawned", "revision.", "rollback."];
  const about = events.filter(({ event_type }) => facts.some((prefix) => event_type.startsWith(prefix)));
  return { promoted, types: about.map(({ event_type }) => event_type) };
}

async function oneWorkerRuns(image: string) {
  expect(await system.imageOfWorker()).toBe(await system.idOf(image));
  const running = await system.compose("ps", "--format", "{{.Name}}", "worker");
  expect(running).toBe(system.worker);
}

test("killed while a check runs, it takes the check's answer when it is back", async () => {
  const waits = "until test -e /tmp/go; do sleep 0.1; done";
  const script = `if [ "$1" = check ]; then ${waits}; fi; exec node services/worker/main.ts "$@"`;
  const image = await system.buildWorker("checked", `CMD ${JSON.stringify(["sh", "-c", script, "worker"])}`);
  const check = `${system.project}-worker-check`;
  const before = await system.newestEventId();
  const old = await identityOfWorker();
  await system.lastgood("deploy", image, "--no-wait");
  await started(check);
  await system.killSupervisor();
  await system.nextEvent(before, ({ event_type, payload }) => {
    return event_type === "process.started" && payload.role === "supervisor";
  });
  expect(await identityOfWorker()).toBe(old);
  await must("docker", ["exec", check, "touch", "/tmp/go"]);
  const { types } = await decisionOn(image, before);
  expect(types).toEqual(["deploy.requested", "deploy.started", "worker.spawned", "revision.promoted"]);
  await oneWorkerRuns(image);
  await chat.isAnswered("after the check");
});

/** Resolves when the engine has started this container. */
async function started(container: string): Promise<void> {
  const found = new AbortController();
  const filters = ["--since", "0", "--filter", `container=${container}`, "--filter", "event=start"];
  for await (const _ of linesOf("docker", ["events", ...filters], { signal: found.signal })) return found.abort();
}

test.each([
  ["the deploy was accepted", "deploy.started"],
  ["it set out to stop the old worker", "worker.stopping"],
  ["the old worker has stopped", "worker.exited"],
  ["the new worker has started", "worker.spawned"],
  ["the new worker is in probation", "worker.ready"],
])("killed when %s, it brings the deploy to one end with one worker", async (_, type) => {
  const image = await system.buildWorker(type, `LABEL revision=${type}`);
  const before = await system.newestEventId();
  const dead = diesAt(type, before);
  await system.lastgood("deploy", image, "--no-wait");
  await dead;
  const { promoted, types } = await decisionOn(image, before);
  expect(types).toEqual(["deploy.requested", "deploy.started", "worker.spawned", "revision.promoted"]);
  const successors = (await system.eventsSince(before)).filter(({ event_type, payload, id }) => {
    return event_type === "process.started" && payload.role === "supervisor" && id < promoted.id;
  });
  expect(successors).toHaveLength(1);
  await oneWorkerRuns(image);
  await chat.isAnswered(`after its death at ${type}`);
});

test("a worker that died is started again in its container, and its next death has its own last words alone", async () => {
  const image = await system.buildWorker("again", "LABEL revision=again");
  await system.lastgood("deploy", image); // of this supervisor: a container names the one that created it
  const [container, firstStart] = (await identityOfWorker()).split(" ");
  const before = await system.newestEventId();
  await system.killFromWithin();
  const first = await system.eventOf("worker.exited", before);
  await system.eventOf("worker.ready", first.id);
  const [sameContainer, secondStart] = (await identityOfWorker()).split(" ");
  expect(sameContainer).toBe(container);
  expect(secondStart).not.toBe(firstStart);
  await system.killFromWithin();
  const second = await system.eventOf("worker.exited", first.id);
  expect(second.payload.instance).toBe(`${first.payload.instance}/${first.id}`);
  const starts = (second.payload.log_tail as string[]).filter((line) => line.includes("process.started"));
  expect(starts).toEqual([expect.stringContaining(String(second.payload.instance))]);
  await system.eventOf("worker.ready", second.id);
});

test("killed when the worker's death is recorded, it brings back one worker, and each run has one spawn and one exit", async () => {
  const image = await system.imageOfWorker();
  const before = await system.newestEventId();
  const dead = diesAt("worker.exited", before);
  await system.killFromWithin();
  await dead;
  const exited = await system.eventOf("worker.exited", before);
  const successor = await system.eventOf("process.started", exited.id);
  await system.eventOf("worker.ready", exited.id);
  await chat.isAnswered("after both deaths");
  expect(await system.imageOfWorker()).toBe(image);
  const instances = (await system.eventsSince(before))
    .filter(({ event_type }) => event_type === "worker.spawned")
    .map(({ payload }) => payload.instance);
  expect(new Set(instances).size).toBe(instances.length);
  expect(successor.id).toBeGreaterThan(exited.id);
});

test("killed in a crash loop, it goes on counting and waiting where it was", async () => {
  const good = await system.imageOfWorker();
  const fragile = await system.buildWorker("fragile", "LABEL revision=fragile");
  expect(await system.lastgood("deploy", fragile)).toMatchObject({ exitCode: 0 });
  const before = await system.newestEventId();
  const exits: number[] = [];
  const dies = async () => {
    await system.killFromWithin();
    exits.push((await system.eventOf("worker.exited", exits.at(-1) ?? before)).id);
  };
  const readyAgain = () => system.eventOf("worker.ready", exits.at(-1));
  await dies();
  await readyAgain();
  await dies();
  const ready = await readyAgain();
  await system.killSupervisor();
  await system.eventOf("process.started", ready.id);
  await dies();
  expect((await system.eventOf("restart.scheduled", exits.at(-1))).payload).toMatchObject({ attempt: 3 });
  await readyAgain();
  await dies();
  const detected = await system.eventOf("crash_loop.detected", before);
  expect(detected.payload).toMatchObject({ revision: fragile, threshold: 4, exits: exits.toReversed() });
  await system.eventOf("rollback.attempted", detected.id);
  expect(await system.imageOfWorker()).toBe(good);
  await chat.isAnswered("after the crash loop");
});

test("a second supervisor on the same volume says who holds it, waits, and takes over when the first is gone", async () => {
  const worker = await identityOfWorker();
  await system.compose("run", "--detach", "--no-deps", "--name", second(), "supervisor");
  const log = linesOf("docker", ["logs", "--follow", second()], { signal: AbortSignal.timeout(60_000) });
  const { value: line } = await log.next();
  expect(JSON.parse(line ?? "")).toMatchObject({
    msg: "another supervisor holds this volume: waiting for it to go",
    newest_supervisor: { eventId: expect.any(Number), pid: expect.any(Number) },
  });
  const before = await system.newestEventId();
  await must("docker", ["kill", system.supervisor]);
  const successor = await system.eventOf("process.started", before);
  expect(successor).toMatchObject({ parent_id: null, payload: { role: "supervisor" } });
  await must("docker", ["exec", second(), "lastgood", "deploy", "lastgood-worker:never-built", "--no-wait"]);
  expect((await system.eventOf("deploy.rejected", before)).parent_id).toBe(successor.id);
  expect(await identityOfWorker()).toBe(worker);
  await chat.isAnswered("under the second supervisor");
});
