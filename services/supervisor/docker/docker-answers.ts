import { scrub } from "../../../shared/config.ts";
import type { CheckContainer, ContainerState, WorkerContainer } from "../worker-runtime.ts";
import { LABEL } from "./labels.ts";
import type { WorkerLimits } from "./worker-container.ts";

/** What GET /containers/{id}/json says, as far as we read it. */
export interface InspectedContainer {
  readonly Id: string;
  readonly Image: string;
  readonly Created: string;
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
  readonly HostConfig: {
    readonly Memory?: number | undefined;
    readonly PidsLimit?: number | null | undefined;
    readonly RestartPolicy?: { readonly Name: string } | undefined;
  };
}

/** What a worker started now would get. */
export interface Described {
  readonly digest: string;
  readonly limits: WorkerLimits;
}

export function toWorker(
  { Id, Image, State, Config, HostConfig }: InspectedContainer,
  described: Described,
): WorkerContainer {
  return {
    id: Id,
    instance: Config.Labels[LABEL.instance] ?? "",
    revision: Config.Labels[LABEL.revision] ?? "",
    supervisorId: Number(Config.Labels[LABEL.supervisor]),
    upToDate: Config.Labels[LABEL.settings] === described.digest && !isUpdatedByHand(HostConfig, described.limits),
    imageId: Image,
    pid: State.Pid || null,
    state: toState(State),
  };
}

/** By `docker update`. A limit that is not there is one that this kernel does not have. */
function isUpdatedByHand(
  { Memory, PidsLimit, RestartPolicy }: InspectedContainer["HostConfig"],
  { memoryMb, pids }: WorkerLimits,
): boolean {
  if (Memory && Memory !== memoryMb * 1024 * 1024) return true;
  if (PidsLimit && PidsLimit !== pids) return true;
  return RestartPolicy !== undefined && !["", "no"].includes(RestartPolicy.Name);
}

/** @param signalled whether the engine was asked to signal it */
export function toCheck({ Id, Image, Created, State, Config }: InspectedContainer, signalled: boolean): CheckContainer {
  const requestId = Number(Config.Labels[LABEL.check]);
  return { id: Id, imageId: Image, requestId, createdAt: Date.parse(Created), state: toState(State), signalled };
}

/** Of one that is being removed it says how it ended, if it ever ran. */
const NOT_UP: ReadonlySet<string> = new Set(["created", "exited", "dead", "removing"]);

/** `Status`, not `Running`, which is also true of a container that is paused or restarting. */
function toState(state: InspectedContainer["State"]): ContainerState {
  if (state.Status === "paused") return { kind: "paused" };
  if (!NOT_UP.has(state.Status)) return { kind: "running" };
  if (state.Status === "created" || state.StartedAt.startsWith("0001-")) {
    return { kind: "created", error: state.Error || null };
  }
  return {
    kind: "exited",
    exitCode: state.ExitCode,
    oom: state.OOMKilled,
    startedAt: Date.parse(state.StartedAt),
    finishedAt: Date.parse(state.FinishedAt),
  };
}

/** A line is kept in the log for ever, and says what it has to say before this. */
const LONGEST_LINE = 500;

/** Undoes the engine's framing of standard output and error: 8 bytes of header, the last four its length. */
export function linesOf(output: Buffer): string[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at + 8 <= output.length; ) {
    const length = output.readUInt32BE(at + 4);
    chunks.push(output.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  const text = scrub(Buffer.concat(chunks).toString("utf8")); // half a secret, where a line is cut, would not be known
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
}

/** The times of events, which come as a line of JSON each, in Unix milliseconds. */
export function timesIn(chunks: readonly (Buffer | string)[]): number[] {
  const lines = chunks.join("").split("\n").filter(Boolean);
  return lines.map((line) => Number(JSON.parse(line).timeNano) / 1e6);
}

/** What is wrong with a pull, in words that say what to do; `refused` when a login could mend it. */
export function pullProblem(message: string): { readonly text: string; readonly refused: boolean } {
  const known = PULL_PROBLEMS.find(([pattern]) => pattern.test(message));
  return known ? { text: known[1], refused: known[1] === REFUSED } : { text: message, refused: false };
}

const REFUSED = "the registry refuses: log in, or check the name";

const PULL_PROBLEMS: readonly (readonly [RegExp, string])[] = [
  [/toomanyrequests|too many requests|rate limit/i, "the registry's rate limit is reached: try again later, or log in"],
  [/unauthorized|denied|authentication required|no basic auth credentials/i, REFUSED],
  [/no space left/i, "the engine's disk is full: free some space"],
  [/not found|manifest unknown|does not exist/i, "the registry does not know it: check the name and tag"],
];
