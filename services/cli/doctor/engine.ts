import { existsSync } from "node:fs";
import { hostname } from "node:os";
import type { Database } from "../../../shared/database.ts";
import { goodRevisions } from "../../../shared/state.ts";
import { askEngine } from "../engine-socket.ts";
import { bad, type Finding, good, lookAt, warning } from "./finding.ts";

const TIMEOUT_MS = 5000;

/** The engine, and the images that the agent may need. Only looked at: nothing is asked of it but reads. */
export async function lookAtEngine(db: Database | null, socket: string, workerImage: string): Promise<Finding[]> {
  if (!existsSync(socket)) {
    const remedy = "Ask where the socket is mounted: docker compose exec supervisor lastgood doctor.";
    return [warning("engine", `there is no socket at ${socket} here`, remedy)];
  }
  const engine = await lookAt(
    "engine",
    () => version(socket),
    "Start the engine, and see that this user may open its socket.",
  );
  if (engine.verdict !== "good") return [engine];
  return [engine, await configuredImage(socket, workerImage), ...(db ? await goodImages(db, socket) : [])];
}

async function version(socket: string): Promise<Finding> {
  const { body } = await get(socket, "/version");
  const { Version, ApiVersion } = JSON.parse(body);
  return good("engine", `Docker ${Version}, API ${ApiVersion}`);
}

async function configuredImage(socket: string, image: string): Promise<Finding> {
  const about = "configured image";
  const look = async () => {
    const { status } = await get(socket, `/images/${encodeURIComponent(image)}/json`);
    if (status === 200) return good(about, image);
    return bad(about, `no image is called ${image} here`, "Build or load it: docker compose build worker.");
  };
  return lookAt(about, look, "Look at the engine's log.");
}

async function goodImages(db: Database, socket: string): Promise<Finding[]> {
  const about = "last good image";
  const [last] = goodRevisions(db, 1);
  if (!last) return [nothingPromoted(about, await heldTags(socket))];
  const remedy = "Load it again, or deploy a good one: there is nothing to go back to.";
  const look = async () => {
    const { status } = await get(socket, `/images/${encodeURIComponent(last.imageId)}/json`);
    return status === 200 ? good(about, last.revision) : bad(about, `the image of ${last.revision} is gone`, remedy);
  };
  return [await lookAt(about, look, remedy)];
}

function nothingPromoted(about: string, held: readonly string[]): Finding {
  const nothing = "nothing was promoted yet: there is nothing to go back to";
  if (held.length === 0) return warning(about, nothing, "Wait for a probation.");
  const detail = `${nothing}, though images are held from a journal that is gone: ${held.join(", ")}`;
  return warning(about, detail, `Deploy one that was good (lastgood deploy ${held[0]}), or docker rmi them.`);
}

/** The tags that a supervisor of this project made; none where the engine does not tell, as behind a filtering proxy. */
async function heldTags(socket: string): Promise<string[]> {
  try {
    const { body: self } = await get(socket, `/containers/${hostname()}/json`);
    const project: unknown = JSON.parse(self).Config?.Labels?.["com.docker.compose.project"];
    if (typeof project !== "string") return [];
    const filters = encodeURIComponent(JSON.stringify({ reference: [`${project}-held`] }));
    const { body } = await get(socket, `/images/json?filters=${filters}`);
    const tags = (JSON.parse(body) as { RepoTags: string[] | null }[]).flatMap(({ RepoTags }) => RepoTags ?? []);
    return tags.filter((tag) => tag.startsWith(`${project}-held:`));
  } catch {
    return []; // what is told of it is a hint, and the engine itself has a look of its own
  }
}

const get = (socket: string, path: string) => askEngine(socket, path, TIMEOUT_MS);
