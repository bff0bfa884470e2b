import { LABEL } from "./worker-container.ts";
import type { ContainerState, WorkerContainer } from "./worker-runtime.ts";

/** What GET /containers/{id}/json says, as far as we read it. */
export interface InspectedContainer {
  readonly Id: string;
  readonly Image: string;
  readonly State: {
    readonly Status: string;
    readonly OOMKilled: boolean;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly Error: string;
    readonly StartedAt: string;
    readonly FinishedAt: string;
  };
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
}

export function toWorker({ Id, Image, State, Config }: InspectedContainer): WorkerContainer {
  return {
    id: Id,
    instance: Config.Labels[LABEL.instance] ?? "",
    revision: Config.Labels[LABEL.revision] ?? "",
    supervisorId: Number(Config.Labels[LABEL.supervisor]),
    imageId: Image,
    pid: State.Pid || null,
    state: toState(State),
  };
}

/** `Status`, not `Running`, which is also true of a container that is paused or restarting. */
function toState(state: InspectedContainer["State"]): ContainerState {
  if (state.Status === "created") return { kind: "created", error: state.Error || null };
  if (state.Status !== "exited" && state.Status !== "dead") return { kind: "running" };
  return {
    kind: "exited",
    exitCode: state.ExitCode,
    oom: state.OOMKilled,
    startedAt: Date.parse(state.StartedAt),
    finishedAt: Date.parse(state.FinishedAt),
  };
}

/** Undoes the engine's framing of standard output and error: 8 bytes of header, the last four its length. */
export function linesOf(output: Buffer): string[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at + 8 <= output.length; ) {
    const length = output.readUInt32BE(at + 4);
    chunks.push(output.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(chunks)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
}
