import { readFile } from "node:fs/promises";
import { boundedReason } from "../../../shared/bounded-text.ts";
import { isImageReference, NO_IMAGE_REFERENCE } from "../../../shared/image-reference.ts";
import { createScrubber } from "../../../shared/redact.ts";
import { pullProblem } from "./docker-answers.ts";
import { isUnavailable } from "./docker-connection.ts";
import type { EnginePorts } from "./engine-events.ts";
import { engineWords } from "./engine-refusals.ts";
import { createPullProgress, type PullLine } from "./pull-progress.ts";
import { type Login, loginFor } from "./registry-login.ts";

export interface PullSettings {
  /** A config.json as `docker login` writes it. It is read anew for each pull. */
  readonly loginsPath: string;
  /** The engine says something all the time, also while it unpacks; after so much silence the registry hangs. */
  readonly stallMs: number;
  /** How long it may take in all. */
  readonly longestMs: number;
  /** How often the log says how far it is. */
  readonly tellMs: number;
}

/** Resolves once the image is here; rejects with what is wrong, in words that say what to do and hold no secret. */
export async function pullImage(
  ports: EnginePorts,
  settings: PullSettings,
  { reference, signal }: { readonly reference: string; readonly signal: AbortSignal },
): Promise<void> {
  if (!isImageReference(reference)) throw new Error(NO_IMAGE_REFERENCE);
  const login = await readLogin(settings.loginsPath, reference);
  const done = new AbortController();
  const givenUp = new AbortController(); // why it was given up, if it was
  const giveUp = () => givenUp.abort("it was given up");
  signal.addEventListener("abort", giveUp, { signal: done.signal });
  if (signal.aborted) giveUp();
  void ports.clock.sleep(settings.longestMs, done.signal).then(() => {
    if (!done.signal.aborted)
      givenUp.abort(`it was not here after ${settings.longestMs / 60_000} min: pull it by hand`);
  });
  try {
    await follow(ports, settings, { reference, login, done: done.signal, givenUp });
  } catch (error) {
    const why = givenUp.signal.aborted ? String(givenUp.signal.reason) : explain(error, login);
    throw new Error(why, { cause: error });
  } finally {
    done.abort();
  }
}

interface Order {
  readonly reference: string;
  readonly login: Login;
  readonly done: AbortSignal;
  readonly givenUp: AbortController;
}

async function follow({ docker, clock, log }: EnginePorts, settings: PullSettings, order: Order): Promise<void> {
  const { reference, login, givenUp } = order;
  const named = /[:@][^/]*$/.test(reference) ? reference : `${reference}:latest`;
  const progress = createPullProgress();
  let lines = 0;
  let toldAt = clock.monotonicMs();
  const watchForSilence = async () => {
    for (let seen = -1; !order.done.aborted; await clock.sleep(settings.stallMs, order.done)) {
      if (lines === seen) givenUp.abort(`nothing came for ${settings.stallMs / 1000} s: the registry hangs`);
      seen = lines;
    }
  };
  void watchForSilence();
  const authconfig = login.kind === "login" ? { authconfig: login.credentials } : {};
  const stream = await docker.pull(named, { ...authconfig, abortSignal: givenUp.signal });
  for await (const line of linesOf(stream)) {
    lines += 1;
    if (line.error !== undefined) throw new Error(line.error);
    progress.add(line);
    const text = progress.text();
    if (text === null || clock.monotonicMs() - toldAt < settings.tellMs) continue;
    toldAt = clock.monotonicMs();
    log.info({ revision: reference }, `pulling ${reference}: ${text}`);
  }
}

/** An error may be a page that a registry sent; a line without an end would fill the memory. */
const LONGEST_LINE = 8_000_000;

/** The errors are in the stream, a line of JSON each; a chunk may end anywhere. */
async function* linesOf(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<PullLine> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + (typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }))).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE) throw new Error(rest.slice(0, LONGEST_LINE));
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line);
  }
}

async function readLogin(path: string, reference: string): Promise<Login> {
  try {
    return loginFor(reference, await readFile(path, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { kind: "none" };
    const why = `the file of logins cannot be read (${code}): make it readable for group 1000`;
    return { kind: "unusable", why };
  }
}

function explain(error: unknown, login: Login): string {
  if (isUnavailable(error)) return "the engine went away meanwhile: try again";
  const words = engineWords(error);
  const { text, refused } = pullProblem(
    oneLine(login.kind === "login" ? createScrubber(secretsOf(login))(words) : words),
  );
  return login.kind === "unusable" && refused ? `${text}; ${login.why}` : text;
}

function secretsOf({ credentials }: Login & { kind: "login" }): readonly string[] {
  return "password" in credentials ? [credentials.password] : [credentials.identitytoken];
}

function oneLine(text: string): string {
  return boundedReason(text).replaceAll("\n", " ");
}
