import { expect, test } from "@jest/globals";
import { workerEnvironment } from "../worker-environment.ts";
import { checkContainer } from "./check-container.ts";
import { workerName } from "./labels.ts";
import { holderContainer, settingsDigest, workerContainer } from "./worker-container.ts";

const surroundings = {
  labels: {
    "com.docker.compose.project": "lastgood",
    "com.docker.compose.project.config_files": "/srv/docker-compose.yml",
    "com.docker.compose.service": "supervisor",
    "org.example.owner": "somebody",
  },
  stateMount: { type: "volume", source: "lastgood_state" },
  networks: ["lastgood_default"],
} as const;
const settings = {
  environment: { OPENAI_MODEL: "m" },
  stateDir: "/state",
  limits: { memoryMb: 512, pids: 256, stopGraceSeconds: 30 },
};
const order = { revision: "worker:a", imageId: "sha256:a", instance: "12.3", supervisorId: 12, parentId: 12 };
const described = workerContainer(order, surroundings, settings);

test("a worker is created from the image id, so a tag that moves changes nothing", () => {
  expect(described.Image).toBe("sha256:a");
  expect(JSON.stringify(described.Image)).not.toContain("worker:a");
});

test("a worker has no power beyond its own files", () => {
  expect(described.User).toBe("1000:1000");
  expect(described.HostConfig).toMatchObject({
    RestartPolicy: { Name: "no" },
    ReadonlyRootfs: true,
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges"],
    Memory: 512 * 1024 * 1024,
    MemorySwap: 512 * 1024 * 1024,
    PidsLimit: 256,
    Mounts: [{ Type: "volume", Source: "lastgood_state", Target: "/state" }],
  });
});

test("to compose it is the first container of the service worker, and it says whose it is", () => {
  expect(workerName(surroundings)).toBe("lastgood-worker-1");
  expect(described.Labels).toEqual({
    "com.docker.compose.project": "lastgood",
    "com.docker.compose.project.config_files": "/srv/docker-compose.yml",
    "com.docker.compose.service": "worker",
    "com.docker.compose.container-number": "1",
    "com.docker.compose.oneoff": "False",
    "com.docker.compose.config-hash": "sha256:a",
    "lastgood.role": "worker",
    "lastgood.instance": "12.3",
    "lastgood.revision": "worker:a",
    "lastgood.supervisor": "12",
    "lastgood.settings": settingsDigest(settings, surroundings),
    "lastgood.check": "",
    "lastgood.holds": "",
  });
});

test("the settings' digest changes with any setting and no value can be read from it", () => {
  const digest = settingsDigest(settings, surroundings);
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  const other = (change: object) => settingsDigest({ ...settings, ...change }, surroundings);
  expect(other({ environment: { OPENAI_MODEL: "n" } })).not.toBe(digest);
  expect(other({ limits: { ...settings.limits, pids: 1 } })).not.toBe(digest);
  expect(other({})).toBe(digest);
});

test("a check runs the image's own command with one argument more, without network and without state", () => {
  const check = checkContainer({ ...order, requestId: 40, command: ["node", "main.ts"] }, surroundings, settings);
  expect(check).toMatchObject({ name: "lastgood-worker-check", Image: "sha256:a", Cmd: ["node", "main.ts", "check"] });
  expect(check.User).toBe("1000:1000");
  expect(check.HostConfig).toEqual({
    ...described.HostConfig,
    NetworkMode: "none",
    Mounts: [{ Type: "volume", Target: "/state", VolumeOptions: { NoCopy: true } }], // of its own: it has no source
  });
  expect(check).not.toHaveProperty("NetworkingConfig");
  expect(check.Env).toEqual(expect.arrayContaining(["PARENT_PROCESS_ID=40", "WORKER_INSTANCE=check.40"]));
});

test("a check has the memory that a check needs, whatever a worker may have", () => {
  const limits = { memoryMb: 64, pids: 32, stopGraceSeconds: 30 };
  const check = checkContainer({ ...order, requestId: 40, command: [] }, surroundings, { ...settings, limits });
  expect(check.HostConfig).toMatchObject({ Memory: 512 * 1024 * 1024, MemorySwap: 512 * 1024 * 1024, PidsLimit: 256 });
});

test("every container carries all of our labels, so that none is its image's", () => {
  const containers = [
    described,
    checkContainer({ ...order, requestId: 40, command: [] }, surroundings, settings),
    holderContainer(order, surroundings),
  ];
  const names = (labels: object) => Object.keys(labels).filter((name) => name.startsWith("lastgood."));
  for (const { Labels } of containers) expect(names(Labels)).toEqual(names(described.Labels));
  expect(containers.map(({ Labels }) => Labels["lastgood.role"])).toEqual(["worker", "check", "holds"]);
  expect(containers.map(({ Labels }) => Labels["lastgood.check"])).toEqual(["", "40", ""]);
  expect(containers.map(({ Labels }) => Labels["lastgood.holds"])).toEqual(["", "", "sha256:a"]);
});

test("the console's token and the address that alerts go to are nowhere in a worker's container", () => {
  const given = {
    CONSOLE_TOKEN: "of-the-console",
    ALERT_WEBHOOK_URL: "https://hooks/of-alerts",
    OPENAI_API_KEY: "sk-k",
  };
  const facts = { stateDir: "/state", localPeersUrl: "http://console:8081" };
  const environment = workerEnvironment(given, facts);
  const containers = [
    workerContainer(order, surroundings, { ...settings, environment }),
    checkContainer({ ...order, requestId: 40, command: ["node"] }, surroundings, { ...settings, environment }),
  ];
  expect(containers[0]?.Env).toContain("OPENAI_API_KEY=sk-k");
  expect(containers[1]?.Env).toContain("OPENAI_API_KEY=xx-x");
  for (const container of containers) {
    expect(JSON.stringify(container)).not.toMatch(/of-the-console|of-alerts/);
  }
});
