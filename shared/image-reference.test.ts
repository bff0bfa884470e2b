import { expect, test } from "@jest/globals";
import { isImageReference } from "./image-reference.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;
const longest = (length: number) => `${"a/".repeat((length - 2) / 2)}ab`;

test.each([
  ["a name", "worker"],
  ["a tag", "lastgood-worker:v2"],
  ["a tag of every character that one may have", "worker:_v1.2-RC_3"],
  ["a tag of 128 characters", `worker:${"t".repeat(128)}`],
  ["a digest", `worker@${DIGEST}`],
  ["a tag and a digest", `worker:v2@${DIGEST}`],
  ["a path", "library/worker"],
  ["a registry", "registry.example/me/worker:v2"],
  ["a registry with a port", "localhost:5000/worker:v2"],
  ["a registry in capitals", "Registry.Example/worker"],
  ["a registry by its address", "[2001:db8::1]:5000/worker"],
  ["a name of many parts", "a.b/c_d/e__f/g---h"],
  ["512 characters", longest(512)],
])("a reference may have %s", (_, text) => {
  expect(isImageReference(text)).toBe(true);
});

test.each([
  ["be empty", ""],
  ["have an empty part", "registry.example//me/worker:v2"],
  ["end with a slash", "worker/"],
  ["end with a slash after its tag", "lastgood-worker:dev/"],
  ["begin with a slash", "/worker"],
  ["climb", "a/../b"],
  ["begin with a dot", ".worker"],
  ["have two dots side by side", "a..b"],
  ["have three underscores side by side", "a___b"],
  ["have capitals in its name", "Worker"],
  ["have an empty tag", "worker:"],
  ["have a tag that begins with a dot", "worker:.v2"],
  ["have a tag of 129 characters", `worker:${"t".repeat(129)}`],
  ["have a short digest", `worker@${DIGEST.slice(0, -1)}`],
  ["have another digest than sha256", `worker@md5:${"0".repeat(64)}`],
  ["have a port without a number", "localhost:/worker"],
  ["hold a space", "worker v2"],
  ["hold a line break at its end", "worker:v2\n"],
  ["hold what a shell would run", "$(touch x)"],
  ["hold a query", "worker?x=1"],
  ["have more than 512 characters", `a${longest(512)}`],
])("a reference may not %s", (_, text) => {
  expect(isImageReference(text)).toBe(false);
});

test("a long text of a stranger is read in no time", () => {
  const started = performance.now();
  for (const text of ["a-".repeat(250), "a.".repeat(250), `${"a/".repeat(250)}!`, "a".repeat(10 ** 6)]) {
    expect(isImageReference(text)).toBe(false);
  }
  expect(performance.now() - started).toBeLessThan(1000);
});
