import type { Clock } from "../../shared/clock.ts";
import type { Revision } from "../../shared/state.ts";
import type { StartOrder, WorkerContainer, WorkerRuntime } from "./worker-runtime.ts";

export interface FakeRuntime extends WorkerRuntime {
  /** What was asked of it, in order: "start worker:b 1.2". */
  readonly asked: string[];
  /** Makes a reference resolve, and its image startable. */
  addImage(tag: string): Revision;
  removeImage(tag: string): void;
  /** The worker ends by itself. */
  end(exitCode: number): void;
  /** Somebody removes the container. */
  vanish(): void;
  /** What the next start leaves behind, if not a running worker. */
  failNextStart(how: { readonly refusal: string } | { readonly error: string | null }): void;
}

/** An engine in memory, which keeps containers as Docker does: until they are removed. */
export function createFakeRuntime(clock: Clock): FakeRuntime {
  const images = new Map<string, Revision>();
  const asked: string[] = [];
  let worker: WorkerContainer | null = null;
  let startedAt = 0;
  let created = 0;
  let nextStart: { readonly refusal?: string; readonly error?: string | null } | null = null;

  const run = (order: StartOrder, state: WorkerContainer["state"]) => {
    created += 1;
    startedAt = clock.now();
    worker = { ...order, id: `container-${created}`, pid: 100 + created, state };
  };
  const end = (exitCode: number) => {
    if (worker?.state.kind !== "running") throw new Error("no worker runs");
    worker = { ...worker, state: { kind: "exited", exitCode, oom: false, startedAt, finishedAt: clock.now() } };
  };
  return {
    asked,
    addImage(tag) {
      const image = { revision: `worker:${tag}`, imageId: `sha256:${tag}` };
      images.set(image.revision, image);
      return image;
    },
    removeImage: (tag) => void images.delete(`worker:${tag}`),
    end,
    vanish() {
      worker = null;
    },
    failNextStart(how) {
      nextStart = how;
    },
    look: async () => worker,
    resolve: async (reference) => images.get(reference) ?? null,
    present: async (ids) => new Set(ids.filter((id) => [...images.values()].some(({ imageId }) => imageId === id))),
    async start(order) {
      asked.push(`start ${order.revision} ${order.instance}`);
      const failing = nextStart;
      nextStart = null;
      if (failing?.refusal !== undefined) return failing.refusal;
      run(order, failing?.error === undefined ? { kind: "running" } : { kind: "created", error: failing.error });
      return null;
    },
    async stop(id) {
      asked.push("stop");
      if (worker?.id === id && worker.state.kind === "running") end(0);
    },
    async remove(id) {
      asked.push("remove");
      if (worker?.id === id) worker = null;
    },
    logTail: async () => ["last words"],
    watch() {},
  };
}
