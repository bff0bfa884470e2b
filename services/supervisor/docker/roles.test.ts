import { afterEach, expect, test } from "@jest/globals";
import { MISSING, temporaryRuntime } from "./temporary-runtime.ts";

/** What is ours of the containers of our compose project. */

interface Container {
  readonly Id: string;
  readonly name: string;
  readonly Labels: Readonly<Record<string, string>>;
  /** Of its image. */
  readonly inherited?: Readonly<Record<string, string>>;
}

let remove = async () => {};
afterEach(() => remove());

async function look(...containers: readonly Container[]) {
  const ofImage = (id: string) => containers.find(({ Id }) => Id === id)?.inherited ?? {};
  const described = await temporaryRuntime(({ line }) => {
    const [, , collection, id] = line.split(/[ /]/);
    if (line.startsWith("GET /containers/json")) {
      const listed = containers.map(({ name, Labels, Id }, at) => {
        return { Id, Names: [`/${name}`], Labels, ImageID: `sha256:${Id}`, Created: at };
      });
      return { status: 200, body: listed };
    }
    if (collection === "images") {
      const labels = ofImage(String(id).replace("sha256:", ""));
      return { status: 200, body: { Id: id, Config: { Labels: labels } } };
    }
    const found = containers.find(({ Id, name }) => Id === id || name === id);
    if (!found) return MISSING;
    const State = { Status: "running", ExitCode: 0, StartedAt: "", FinishedAt: "" };
    return { status: 200, body: { Id: found.Id, Image: "", State, Config: { Labels: found.Labels }, HostConfig: {} } };
  });
  remove = described.remove;
  const { worker, strays, nameTaken, check, held } = await described.runtime.look();
  return { worker: worker?.id, strays, nameTaken, check: check?.id, held: [...held], asked: described.asked };
}

const worker = { "lastgood.role": "worker", "lastgood.instance": "12.3", "lastgood.check": "", "lastgood.holds": "" };
const nothing = { worker: undefined, strays: [], nameTaken: null, check: undefined, held: [] };

test("a role is told by its value and its name, and no image is asked about", async () => {
  const seen = await look(
    { Id: "w", name: "lastgood-worker-1", Labels: worker },
    { Id: "c", name: "lastgood-worker-check", Labels: { "lastgood.role": "check", "lastgood.check": "40" } },
    { Id: "h", name: "lastgood-worker-holds-a", Labels: { "lastgood.role": "holds", "lastgood.holds": "sha256:a" } },
  );
  expect(seen).toMatchObject({ worker: "w", strays: [], check: "c", held: ["sha256:a"] });
  expect(seen.asked.filter(({ line }) => line.includes("/images/"))).toEqual([]);
});

test("a worker of an image that carries our labels is a worker, and nothing else", async () => {
  const forged = { "lastgood.role": "holds", "lastgood.check": "999", "lastgood.holds": "zzz" };
  const seen = await look({ Id: "w", name: "lastgood-worker-1", Labels: worker, inherited: forged });
  expect(seen).toMatchObject({ ...nothing, worker: "w" });
});

test.each([
  ["worker", worker],
  ["check", { "lastgood.role": "check", "lastgood.check": "999" }],
  ["holds", { "lastgood.role": "holds", "lastgood.holds": "zzz" }],
  ["nothing we know", { "lastgood.role": "king", "lastgood.instance": "x" }],
  ["nothing, from before roles", { "lastgood.instance": "x", "lastgood.check": "999", "lastgood.holds": "zzz" }],
])("what somebody runs from an image that says it is %s is nobody of ours", async (_, inherited) => {
  const seen = await look({ Id: "x", name: "lastgood-worker-run-1", Labels: inherited, inherited });
  expect(seen).toMatchObject(nothing);
});

test("beside it the worker is the worker, and it is no second one", async () => {
  const seen = await look(
    { Id: "x", name: "by-hand", Labels: worker, inherited: worker },
    { Id: "w", name: "lastgood-worker-1", Labels: { ...worker, "lastgood.instance": "12.4" }, inherited: worker },
  );
  expect(seen).toMatchObject({ ...nothing, worker: "w" });
});

test("a worker that was renamed is the worker, one that was copied label by label is a second one", async () => {
  expect(await look({ Id: "w", name: "renamed", Labels: worker })).toMatchObject({ ...nothing, worker: "w" });
  await remove();
  const seen = await look(
    { Id: "w", name: "lastgood-worker-1", Labels: worker },
    { Id: "copy", name: "copy", Labels: worker },
  );
  expect(seen).toMatchObject({ ...nothing, worker: "w", strays: ["copy"] });
});

test("containers from before roles are known by their names", async () => {
  const seen = await look(
    { Id: "w", name: "lastgood-worker-1", Labels: { "lastgood.instance": "12.3" } },
    { Id: "c", name: "lastgood-worker-check", Labels: { "lastgood.check": "40" } },
    { Id: "h", name: "lastgood-worker-holds-a", Labels: { "lastgood.holds": "sha256:a" } },
  );
  expect(seen).toMatchObject({ worker: "w", strays: [], check: "c", held: ["sha256:a"] });
});

test("a container with the worker's name and none of its labels is somebody else's", async () => {
  const seen = await look({ Id: "x", name: "lastgood-worker-1", Labels: {} });
  expect(seen).toMatchObject({ ...nothing, nameTaken: "lastgood-worker-1" });
});
