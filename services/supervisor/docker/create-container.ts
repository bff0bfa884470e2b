import type { StartRefusal } from "../worker-runtime.ts";
import type { Engine } from "./docker-engine.ts";
import { reasonOf, refusedByEngine, statusOf, unlessMissing, unlessUnchanged } from "./engine-refusals.ts";

export type Container = ReturnType<Engine["getContainer"]>;

/** There is no container, as somebody else's has its name. */
export const NAME_TAKEN = Symbol("the name is taken");

/** Creates and starts; null when there is a container now, whatever its state, else why there is none. */
export async function run(
  docker: Engine,
  options: { readonly name: string },
): Promise<StartRefusal | typeof NAME_TAKEN> {
  const created = await create(docker, options);
  return typeof created === "object" ? startOrRemove(created) : created;
}

export async function startOrRemove(container: Container, prepare?: (container: Container) => Promise<unknown>) {
  try {
    await prepare?.(container);
    await container.start().catch(unlessUnchanged);
    return null;
  } catch (error) {
    refusedByEngine(error);
    // Cut short here, the container stays, with why in its State.Error; it is never started again (moby#51758).
    await unlessMissing(container.remove({ force: true, v: true }));
    return reasonOf(error);
  }
}

/** Left to itself, dockerode puts the whole description into the address, too, where a proxy's log would keep it. */
export async function create(docker: Engine, { name, ...description }: { readonly name: string }) {
  const parts = { _query: { name }, _body: description };
  try {
    return await docker.createContainer(parts as Parameters<Engine["createContainer"]>[0]);
  } catch (error) {
    if (statusOf(error) === 409) return NAME_TAKEN;
    refusedByEngine(error);
    return reasonOf(error);
  }
}
