import type { Engine } from "./docker-engine.ts";
import { unlessMissing } from "./engine-refusals.ts";
import { projectOf, type Role } from "./labels.ts";
import { roleOf } from "./roles.ts";
import type { Surroundings } from "./worker-container.ts";

/** One of ours, as the list of containers has it. */
export interface OwnContainer {
  readonly role: Role;
  readonly id: string;
  readonly names: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Unix seconds. */
  readonly created: number;
}

/** Lists what is ours: of our compose project, and in a role. */
export function createOwnContainers(docker: Engine, surroundings: Surroundings) {
  const labelsByImage = new Map<string, Readonly<Record<string, string>>>(); // an id is a digest: they never change
  const inherited = async (imageId: string) => {
    const known = labelsByImage.get(imageId);
    if (known) return known;
    const image = await unlessMissing(docker.getImage(imageId).inspect());
    const labels = image?.Config.Labels ?? {};
    labelsByImage.set(imageId, labels);
    return labels;
  };
  return async (): Promise<readonly OwnContainer[]> => {
    const filters = { label: [`com.docker.compose.project=${projectOf(surroundings)}`] };
    const listed = await docker.listContainers({ all: true, filters });
    const own = listed.map(async ({ Id: id, Names: names, Labels: labels, ImageID, Created: created }) => {
      const role = await roleOf({ names, labels }, surroundings, () => inherited(ImageID));
      return role === null ? [] : [{ role, id, names, labels, created }];
    });
    return (await Promise.all(own)).flat();
  };
}
