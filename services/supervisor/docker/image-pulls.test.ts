import { beforeEach, expect, test } from "@jest/globals";
import { createImagePulls } from "./image-pulls.ts";

let outcome: PromiseWithResolvers<void>;
let pulls: ReturnType<typeof createImagePulls>;
let fetched: string[];
beforeEach(() => {
  fetched = [];
  pulls = createImagePulls((reference) => {
    fetched.push(reference);
    outcome = Promise.withResolvers();
    return outcome.promise;
  });
});

/** Begins a pull and has it end so. */
async function pull(reference: string, end: () => void) {
  const ended = new Promise<void>((resolve) => pulls.onEnd(resolve));
  pulls.begin(reference);
  end();
  await ended;
}

const fails = () => outcome.reject(new Error("the registry hangs"));

test("a pull runs from its beginning to its end, which is told to whoever listens", async () => {
  expect(pulls.of("worker:b")).toEqual({ kind: "none" });
  pulls.begin("worker:b");
  expect([pulls.of("worker:b"), pulls.of("worker:b")]).toEqual([{ kind: "running" }, { kind: "running" }]);
  expect(pulls.of("worker:c")).toEqual({ kind: "none" });
  await pull("worker:b", () => outcome.resolve());
  expect(pulls.of("worker:b")).toEqual({ kind: "none" });
});

test("a pull that fails says why to the deploy that asked, and a later deploy has it tried again", async () => {
  await pull("worker:b", fails);
  expect(pulls.of("worker:b")).toEqual({ kind: "failed", reason: "the registry hangs" });
  expect(pulls.of("worker:b")).toEqual({ kind: "none" });
  await pull("worker:b", () => outcome.resolve());
  expect(fetched).toEqual(["worker:b", "worker:b"]);
});
