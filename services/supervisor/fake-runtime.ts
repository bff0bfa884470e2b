import type { Clock } from "../../shared/clock.ts";
import type { Revision } from "../../shared/state.ts";
import {
  type CheckContainer,
  type ContainerState,
  MOST_CHECKS,
  type Pull,
  type StartOrder,
  type WorkerContainer,
  type WorkerRuntime,
} from "./worker-runtime.ts";

export interface FakeRuntime extends WorkerRuntime {
  /** What was asked of it about workers, in order: "start worker:b 1.2". */
  readonly asked: string[];
  /** The one container, as the engine itself knows it. */
  container(): WorkerContainer | null;
  /** Makes a reference resolve, and its image startable. A tag that moves leaves the image that it named. */
  addImage(tag: string, imageId?: string): Revision;
  /** As with force: only what runs keeps its image. */
  removeImage(tag: string): void;
  /** The worker ends by itself, or because somebody signalled it. */
  end(exitCode: number, how?: { readonly oom?: boolean; readonly signalled?: boolean }): void;
  /** A child of the worker uses up the memory and is killed for it; the worker goes on. */
  loseChildToMemory(): void;
  pause(): void;
  /** It goes on after a pause; after its end, somebody starts it again in place. */
  resume(): void;
  /** Somebody removes the container. */
  vanish(): void;
  /** The operator's settings are no longer the ones that the worker was started with. */
  outdate(): void;
  /** Somebody makes a copy of the worker, with all its labels. */
  copy(): void;
  /** A container that is not ours has the worker's name, or no longer. */
  takeName(isTaken: boolean): void;
  /** The engine cannot be reached, or can again. */
  goAway(isAway: boolean): void;
  /** What the next start leaves behind, if not a running worker; null for that again. */
  failNextStart(how: { readonly refusal: string } | { readonly error: string | null } | null): void;
  /** How checks end; null leaves them running. */
  checksExitWith(exitCode: number | null): void;
  /** The check that runs ends so, by itself, or because somebody signalled it. */
  endCheck(exitCode: number, how?: { readonly signalled?: boolean }): void;
  /** Somebody removes the check. */
  removeCheck(): void;
  /** The next check is created, and never started. */
  cutNextCheckShort(): void;
  /** A pull of this ends so: it brings the image, or says why not. */
  registryHas(reference: string, answer: "it" | { readonly problem: string }): void;
}

export const AWAY = new Error("connect ENOENT /var/run/docker.sock");

/** An engine in memory, which keeps containers as Docker does: until they are removed. */
export function createFakeRuntime(clock: Clock): FakeRuntime {
  const images = new Map<string, Revision>();
  const registry = new Map<string, "it" | { readonly problem: string }>();
  const pulls = new Map<string, Pull>();
  const held = new Set<string>();
  const asked: string[] = [];
  let worker: WorkerContainer | null = null;
  let check: CheckContainer | null = null;
  let checkExit: number | null = 0;
  let checks = { requestId: 0, begun: 0 };
  let cutShort = false;
  let startedAt = 0;
  let created = 0;
  let signalled = false;
  let outOfMemoryAt: number | null = null;
  let away = false;
  let nameTaken: string | null = null;
  const strays = new Set<string>();
  let nextStart: { readonly refusal?: string; readonly error?: string | null } | null = null;

  const exited = (exitCode: number, oom = false): ContainerState => {
    return { kind: "exited", exitCode, oom, startedAt, finishedAt: clock.now() };
  };
  const set = (state: ContainerState) => {
    if (!worker) throw new Error("there is no worker");
    worker = { ...worker, state };
  };
  const run = (order: StartOrder, state: ContainerState) => {
    created += 1;
    startedAt = clock.now();
    signalled = false;
    outOfMemoryAt = null;
    worker = { ...order, id: `container-${created}`, upToDate: true, pid: 100 + created, state };
  };
  const begin = () => {
    startedAt = Math.max(clock.now(), startedAt + 1); // no engine ends and starts one within the same millisecond
    signalled = false;
    set({ kind: "running" });
  };
  const isHere = (id: string) => [...images.values()].some(({ imageId }) => imageId === id);
  const idOf = (tag: string) => ({ revision: `worker:${tag}`, imageId: `sha256:${tag}` });
  return {
    asked,
    container: () => worker,
    addImage(tag, imageId = idOf(tag).imageId) {
      const image = { ...idOf(tag), imageId };
      images.set(image.revision, image).set(imageId, image);
      return image;
    },
    removeImage(tag) {
      const { imageId } = images.get(`worker:${tag}`) ?? idOf(tag);
      images.delete(`worker:${tag}`);
      if (worker?.imageId !== imageId) images.delete(imageId);
    },
    end(exitCode, how = {}) {
      signalled = how.signalled ?? false;
      if (how.oom) outOfMemoryAt = clock.now();
      set(exited(exitCode, outOfMemoryAt !== null));
    },
    loseChildToMemory() {
      outOfMemoryAt = clock.now();
    },
    pause: () => set({ kind: "paused" }),
    resume() {
      if (worker?.state.kind === "exited") begin();
      else set({ kind: "running" });
    },
    vanish: () => {
      worker = null;
    },
    outdate: () => {
      if (worker) worker = { ...worker, upToDate: false };
    },
    copy: () => void strays.add("a-copy"),
    takeName(isTaken) {
      nameTaken = isTaken ? "lastgood-worker-1" : null;
    },
    goAway: (isAway) => {
      away = isAway;
    },
    failNextStart: (how) => {
      nextStart = how;
    },
    checksExitWith: (exitCode) => {
      checkExit = exitCode;
    },
    endCheck(exitCode, { signalled = false } = {}) {
      if (check?.state.kind === "running") check = { ...check, state: exited(exitCode), signalled };
    },
    removeCheck: () => {
      check = null;
    },
    cutNextCheckShort: () => {
      cutShort = true;
    },
    registryHas: (reference, answer) => void registry.set(reference, answer),

    isUnavailable: (error) => error === AWAY,
    look: async () => {
      if (away) throw AWAY;
      return { worker, strays: [...strays], nameTaken: worker ? null : nameTaken, check, held: new Set(held) };
    },
    resolve: async (reference) => images.get(reference) ?? null,
    present: async (ids) => new Set(ids.filter(isHere)),
    async start(order) {
      if (nameTaken !== null) return null;
      if (worker) throw new Error(`${order.instance} was started beside ${worker.instance}: never two workers`);
      asked.push(`start ${order.revision} ${order.instance}`);
      const failing = nextStart;
      nextStart = null;
      if (failing?.refusal !== undefined) return failing.refusal;
      if (!isHere(order.imageId)) return `no such image: ${order.imageId}`;
      run(order, failing?.error === undefined ? { kind: "running" } : { kind: "created", error: failing.error });
      return null;
    },
    async startAgain(id) {
      if (worker?.id !== id || worker.state.kind !== "exited") return;
      asked.push(`start ${worker.instance} again`);
      const failing = nextStart;
      nextStart = null;
      if (failing) worker = null;
      else begin();
    },
    wasSignalled: async () => signalled,
    outOfMemoryAt: async () => outOfMemoryAt,
    pull(reference) {
      const answer = registry.get(reference) ?? { problem: "the registry does not know it" };
      if (answer === "it") this.addImage(reference.replace("worker:", ""));
      else pulls.set(reference, { kind: "failed", reason: answer.problem });
    },
    pullOf(reference) {
      const pull = pulls.get(reference) ?? { kind: "none" };
      pulls.delete(reference); // a failure is told once
      return pull;
    },
    abortPull: (reference) => void pulls.delete(reference),
    async startCheck({ requestId, imageId }) {
      checks = { requestId, begun: checks.requestId === requestId ? checks.begun + 1 : 1 };
      if (checks.begun > MOST_CHECKS) return "its check was stopped too often";
      const begun: ContainerState = checkExit === null ? { kind: "running" } : exited(checkExit);
      const state: ContainerState = cutShort ? { kind: "created", error: null } : begun;
      cutShort = false;
      check = {
        id: `check-${requestId}-${checks.begun}`,
        requestId,
        imageId,
        createdAt: clock.now(),
        state,
        signalled: false,
      };
      return null;
    },
    hold: async ({ imageId }) => void held.add(imageId),
    letGo: async (imageId) => void held.delete(imageId),
    async stop(id) {
      asked.push("stop");
      if (worker?.id === id && worker.state.kind !== "exited") set(exited(0));
    },
    async remove(id) {
      if (check?.id === id) check = null;
      if (strays.delete(id)) asked.push("remove the copy");
      if (worker?.id !== id) return;
      asked.push("remove");
      worker = null;
    },
    logTail: async () => ["last words"],
    watch() {},
  };
}
