import { expect, test } from "@jest/globals";
import { createPullProgress } from "./pull-progress.ts";

test("a pull is as far as its layers together, and one that is here already counts for nothing", () => {
  const progress = createPullProgress();
  expect(progress.text()).toBeNull();
  progress.add({ status: "Pulling from team/worker", id: "1" });
  progress.add({ status: "Already exists", id: "base" });
  progress.add({ status: "Downloading", id: "a", progressDetail: { current: 40_000_000, total: 100_000_000 } });
  progress.add({ status: "Downloading", id: "b", progressDetail: { current: 1_000_000, total: 20_000_000 } });
  expect(progress.text()).toBe("41 of 120 MB");
  progress.add({ status: "Download complete", id: "b" });
  progress.add({ status: "Extracting", id: "b", progressDetail: { current: 2, total: 20_000_000 } });
  expect(progress.text()).toBe("60 of 120 MB");
});
