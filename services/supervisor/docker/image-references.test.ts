import { afterEach, expect, test } from "@jest/globals";
import type { Answer } from "./temporary-runtime.ts";
import { temporaryRuntime } from "./temporary-runtime.ts";

/** References as people type them, and what an engine makes of them. */

let remove = async () => {};
afterEach(() => remove());

async function runtimeAnswering(answer: Answer) {
  const temporary = await temporaryRuntime(() => answer);
  remove = temporary.remove;
  return temporary;
}

const MALFORMED = [
  "",
  " ",
  "registry//me/agent:v2",
  "a/",
  "/a",
  "a/../b",
  "..",
  "lastgood-worker:dev/",
  "lastgood-worker:",
  "a%2e%2e/b",
  "a?force=1",
  "a#b",
  "bücher:1",
  "a b",
  "a\nb",
  "x".repeat(600),
];

test.each(MALFORMED)("%j names no image, and no engine is asked", async (reference) => {
  const { runtime, asked } = await runtimeAnswering({ status: 200, body: { Id: "sha256:somebody-elses" } });
  expect(await runtime.resolve(reference)).toBeNull();
  expect(await runtime.present([reference])).toEqual(new Set());
  const pulled = new Promise<void>((resolve) => runtime.watch(resolve, AbortSignal.abort()));
  runtime.pull(reference);
  await pulled;
  expect(runtime.pullOf(reference)).toMatchObject({
    kind: "failed",
    reason: expect.stringContaining("image reference"),
  });
  expect(asked.filter(({ line }) => line.includes("/images/"))).toEqual([]);
});

test("what an image is called is asked as it is", async () => {
  const { runtime, asked } = await runtimeAnswering({ status: 200, body: { Id: "sha256:a" } });
  const reference = "registry.example:5000/me/agent:v2";
  expect(await runtime.resolve(reference)).toEqual({ revision: reference, imageId: "sha256:a" });
  expect(asked.map(({ line }) => line)).toEqual([`GET /images/${reference}/json`]);
});

test.each([301, 400, 404, 500])(
  "an engine that answers %i to the question what an image is ends nothing",
  async (status) => {
    const { runtime } = await runtimeAnswering({ status, body: { message: "cannot say" } });
    expect(await runtime.resolve("worker:a")).toBeNull();
  },
);

test.each([301, 400, 404])("an engine that answers %i does not have that image", async (status) => {
  const { runtime } = await runtimeAnswering({ status, body: { message: "no such image" } });
  expect(await runtime.present(["sha256:a"])).toEqual(new Set());
});

test("what a label says is held is let go by no other name than a tag", async () => {
  const { runtime, asked } = await runtimeAnswering({ status: 200, body: [] });
  for (const held of ["../x", "", "a?force=1"]) await runtime.letGo(held);
  expect(asked.filter(({ line }) => line.startsWith("DELETE"))).toEqual([]);
  await runtime.letGo("sha256:a");
  expect(asked.at(-1)?.line).toBe("DELETE /images/lastgood-held:a?noprune=true");
});

test("an engine that fails is not one that has none of the good images", async () => {
  const { runtime } = await runtimeAnswering({ status: 500, body: { message: "cannot say" } });
  await expect(runtime.present(["sha256:a"])).rejects.toThrow("cannot say");
});
