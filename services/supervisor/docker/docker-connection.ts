import { ownValue } from "../../../shared/own-value.ts";
import { SetupError } from "../../../shared/setup-error.ts";

/** Says what a person has to do when the engine does not answer, or does not know our own container. */
export function explainConnection(cause: unknown, socketPath: string): unknown {
  const { code, statusCode } = cause as { code?: string; statusCode?: number };
  if (statusCode === 404) return new SetupError([NOT_IN_A_CONTAINER], { cause });
  const remedy = code && ownValue(REMEDIES, code);
  if (!remedy) return cause;
  return new SetupError([`The Docker Engine cannot be reached at ${socketPath} (${code}). ${remedy}`], { cause });
}

/** The engine does not listen, or went away in the middle of an answer; 503 is its own word while it goes. */
export function isUnavailable(error: unknown): boolean {
  const { code, statusCode } = (error ?? {}) as { code?: string; statusCode?: number };
  return statusCode === 503 || (code !== undefined && AWAY.has(code));
}

const AWAY = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT"]);

const NOT_IN_A_CONTAINER =
  "The supervisor does not run in a container of this engine. Use docker compose up, or npm start to run without one.";

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: "Mount the engine's socket there: /var/run/docker.sock:/var/run/docker.sock.",
  ECONNREFUSED: "Start the engine.",
  ETIMEDOUT: "It hangs: restart the engine.",
  EACCES: "Run the supervisor as a user who may open the socket.",
  ENOTSOCK: "What is mounted there is not the engine's socket.",
};
