import { expect, test } from "@jest/globals";
import { createImagePulls } from "./image-pulls.ts";

/** Pulls whose ends are in this test's hands. */
function pullsInHand() {
  const begun: { readonly reference: string; readonly signal: AbortSignal; end(problem?: string): Promise<void> }[] =
    [];
  const pulls = createImagePulls((reference, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const end = async (problem?: string) => {
      if (problem === undefined) resolve();
      else reject(new Error(problem));
      await promise.catch(() => {});
      await Promise.resolve();
    };
    begun.push({ reference, signal, end });
    return promise;
  });
  return { pulls, begun };
}

test("a pull that is aborted is as if it had never been begun, whatever becomes of it afterwards", async () => {
  const { pulls, begun } = pullsInHand();
  let ends = 0;
  pulls.onEnd(() => {
    ends += 1;
  });
  pulls.begin("worker:a");
  pulls.abort("worker:a");
  expect(begun[0]?.signal.aborted).toBe(true);
  expect(pulls.of("worker:a")).toEqual({ kind: "none" });
  pulls.begin("worker:a");
  await begun[0]?.end("aborted");
  expect(pulls.of("worker:a")).toEqual({ kind: "running" });
  expect(ends).toBe(0);
  await begun[1]?.end("no such image");
  expect(pulls.of("worker:a")).toEqual({ kind: "failed", reason: "no such image" });
  expect(pulls.of("worker:a")).toEqual({ kind: "none" });
  expect(ends).toBe(1);
});

test("a pull that runs is not begun a second time", async () => {
  const { pulls, begun } = pullsInHand();
  pulls.begin("worker:a");
  pulls.begin("worker:a");
  expect(begun).toHaveLength(1);
  await begun[0]?.end();
  expect(pulls.of("worker:a")).toEqual({ kind: "none" });
});

test("what nobody pulls is not there to abort", () => {
  const { pulls } = pullsInHand();
  pulls.abort("worker:a");
  expect(pulls.of("worker:a")).toEqual({ kind: "none" });
});
