import { z } from "zod";
import { isImageReference } from "../../../shared/image-reference.ts";
import { askEngine } from "../engine-socket.ts";

/** Nobody waits longer for what a Tab offers. */
const TIMEOUT_MS = 2000;

/** What Dockerfile.worker writes, and what is built upon it inherits. */
const IS_A_WORKER = { label: "org.opencontainers.image.title", value: "lastgood worker" };
/** Under such a name the supervisor holds good images against being pruned: each has a name of its own beside it. */
const HELD = /-held$/;

const images = z.array(
  z.object({
    Created: z.number(),
    RepoTags: z.array(z.string()).nullable(),
    Labels: z.record(z.string(), z.string()).nullable(),
  }),
);

/**
 * The images on this engine that can be deployed, the newest first: workers by their label, and what has the name of one
 * that is known. Null when the engine cannot be asked from here.
 * @param known references that were deployed before
 */
export async function imagesHere(socket: string, known: readonly string[]): Promise<string[] | null> {
  const repositories = new Set(known.map(repositoryOf));
  try {
    const { status, body } = await askEngine(socket, "/images/json", TIMEOUT_MS);
    if (status !== 200) return null;
    return images
      .parse(JSON.parse(body))
      .sort((one, other) => other.Created - one.Created)
      .flatMap(({ RepoTags, Labels }) => {
        const isWorker = Labels?.[IS_A_WORKER.label] === IS_A_WORKER.value;
        return (RepoTags ?? []).filter((tag) => isWorker || repositories.has(repositoryOf(tag)));
      })
      .filter((tag) => isImageReference(tag) && !HELD.test(repositoryOf(tag)));
  } catch {
    return null; // no socket, no right to open it, no answer: whoever completes a line is not told of that
  }
}

/** "registry:5000/worker" of "registry:5000/worker:v2": a port is followed by a slash. */
function repositoryOf(reference: string): string {
  return reference.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
}
