import type { Surroundings } from "./worker-container.ts";

/**
 * Labels of our own: what a container found later has to tell about itself. A container inherits its image's labels, so
 * every one that is created carries all of these; where one does not apply it is empty.
 */
export const LABEL = {
  role: "lastgood.role",
  instance: "lastgood.instance",
  revision: "lastgood.revision",
  supervisor: "lastgood.supervisor",
  settings: "lastgood.settings",
  /** On a check: the request it is about. */
  check: "lastgood.check",
  /** On a container that holds an image: that image. */
  holds: "lastgood.holds",
} as const;

export type Role = "worker" | "check" | "holds";

const COMPOSE = "com.docker.compose.";
/** What the worker is to compose: the first container of the service that docker-compose.yml declares at scale 0. */
export const SERVICE = "worker";
/** To compose each is a container of the service, and has another number. */
const NUMBER: Readonly<Record<Role, string>> = { worker: "1", holds: "2", check: "3" };

/** All labels of a container in a role: our own, each of them, and those that compose knows it by. */
export function labelsFor(
  role: Role,
  own: Partial<Record<Exclude<keyof typeof LABEL, "role">, string>>,
  { surroundings, imageId }: { readonly surroundings: Surroundings; readonly imageId: string },
): Record<string, string> {
  const values = Object.entries({ ...own, role }).map(([name, value]) => [LABEL[name as keyof typeof LABEL], value]);
  return {
    ...composeLabels(surroundings, imageId, NUMBER[role]),
    ...Object.fromEntries(Object.values(LABEL).map((label) => [label, ""])),
    ...Object.fromEntries(values),
  };
}

/** compose lists, logs and removes by these; the config hash only has to be there. */
function composeLabels(surroundings: Surroundings, hash: string, number: string): Record<string, string> {
  const ofProject = Object.entries(surroundings.labels).filter(([name]) => name.startsWith(`${COMPOSE}project`));
  return {
    ...Object.fromEntries(ofProject),
    [`${COMPOSE}project`]: projectOf(surroundings),
    [`${COMPOSE}service`]: SERVICE,
    [`${COMPOSE}container-number`]: number,
    [`${COMPOSE}oneoff`]: "False", // `down` leaves the others
    [`${COMPOSE}config-hash`]: hash,
  };
}

export function projectOf({ labels }: Surroundings): string {
  return labels[`${COMPOSE}project`] ?? "lastgood";
}

/** One fixed name, as compose would choose it: that it is taken means that a worker exists. */
export function workerName(surroundings: Surroundings): string {
  return `${projectOf(surroundings)}-${SERVICE}-1`;
}

export function checkName(surroundings: Surroundings): string {
  return `${projectOf(surroundings)}-${SERVICE}-check`;
}

export function holderName(surroundings: Surroundings, imageId: string): string {
  return `${projectOf(surroundings)}-${SERVICE}-holds-${shortId(imageId)}`;
}

/** The tag under which a good image is kept, so that `docker images` says what it is. */
export function heldTag(surroundings: Surroundings, imageId: string): { repo: string; tag: string } {
  return { repo: `${projectOf(surroundings)}-held`, tag: shortId(imageId) };
}

function shortId(imageId: string): string {
  return imageId.replace("sha256:", "").slice(0, 12);
}
