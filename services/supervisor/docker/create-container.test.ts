import { afterEach, expect, test } from "@jest/globals";
import { temporaryRuntime } from "./temporary-runtime.ts";

let remove = async () => {};
afterEach(() => remove());

test("what a container is given is in no address: a proxy's log would keep its secrets", async () => {
  const temporary = await temporaryRuntime(({ line }) =>
    line.includes("/create") ? { status: 201, body: { Id: "c" } } : { status: 204, body: "" },
  );
  remove = temporary.remove;
  await temporary.runtime.start({
    revision: "worker:a",
    imageId: "sha256:a",
    instance: "1.1",
    supervisorId: 1,
    parentId: 1,
  });
  expect(temporary.asked.map(({ line }) => line)).toEqual([
    "POST /containers/create?name=lastgood-worker-1",
    "POST /containers/c/start",
  ]);
  expect(JSON.parse(String(temporary.asked[0]?.body)).Env).toContain("WORKER_INSTANCE=1.1");
});
