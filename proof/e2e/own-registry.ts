import { once } from "node:events";
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { must } from "./command.ts";

/** Any tag of these repositories is answered so; every other repository is unknown. */
const REPOSITORIES: Readonly<Record<string, "image" | "slow image" | "rate limit" | "long refusal" | "silence">> = {
  "team/worker": "image",
  "team/slow": "slow image",
  "team/verbose": "long refusal",
  "team/limited": "rate limit",
  "team/silent": "silence",
};

/**
 * A registry on loopback, where engines speak plain HTTP, as far as a pull needs it (docs: OCI distribution, "Pull").
 * With a login it asks for a bearer token, and gives one only to that login.
 */
export async function startOwnRegistry(
  image: string,
  login?: { readonly username: string; readonly password: string },
) {
  const directory = mkdtempSync(join(tmpdir(), "lastgood-registry-"));
  await must("sh", ["-ec", 'docker save "$0" | tar -x -C "$1"', image, directory]);
  const blob = (digest: string) => join(directory, "blobs", digest.replace(":", "/"));
  const manifest: string = JSON.parse(readFileSync(join(directory, "index.json"), "utf8")).manifests[0].digest;
  const basic = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://registry");
    const { authorization } = request.headers;
    if (pathname === "/token") {
      return authorization === basic
        ? json(response, 200, { token: "a-token" })
        : refuse(response, 401, "UNAUTHORIZED");
    }
    if (basic && authorization !== "Bearer a-token") {
      response.setHeader("www-authenticate", `Bearer realm="http://${address}/token",service="own"`);
      return refuse(response, 401, "UNAUTHORIZED");
    }
    if (pathname === "/v2/") return json(response, 200, {});
    const [, repository = "", kind, reference = ""] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(pathname) ?? [];
    const behaviour = REPOSITORIES[repository];
    if (behaviour === "silence") return;
    if (behaviour === "rate limit") return refuse(response, 429, "TOOMANYREQUESTS");
    if (behaviour === "long refusal") return refuse(response, 403, "DENIED", LONG_REFUSAL);
    if (behaviour === undefined) return refuse(response, 404, "MANIFEST_UNKNOWN");
    const digest = reference.startsWith("sha256:") ? reference : manifest;
    if (!existsSync(blob(digest))) return refuse(response, 404, "BLOB_UNKNOWN");
    const isManifest = kind === "manifests";
    send(request, response, { path: blob(digest), digest, isManifest, isSlow: behaviour === "slow image" });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    /** What `docker login` would have written into a config.json. */
    logins: login ? { auths: { [address]: { auth: basic?.slice("Basic ".length) } } } : {},
    async stop() {
      server.closeAllConnections();
      await once(server.close(), "close");
      rmSync(directory, { recursive: true });
    },
  };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { path, digest, isManifest, isSlow }: { path: string; digest: string; isManifest: boolean; isSlow: boolean },
): void {
  const type = isManifest ? JSON.parse(readFileSync(path, "utf8")).mediaType : "application/octet-stream";
  response.setHeader("content-type", type);
  response.setHeader("docker-content-digest", digest);
  response.setHeader("content-length", readFileSync(path).length);
  if (isSlow)
    void slowly(response, () => (request.method === "HEAD" ? response.end() : response.end(readFileSync(path))));
  else if (request.method === "HEAD") response.end();
  else createReadStream(path).pipe(response);
}

/** Each answer takes half a minute, as over a bad line; the first is asked for whatever the engine has already. */
async function slowly(response: ServerResponse, answer: () => void): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  await setTimeout(30_000, undefined, { signal: gone.signal }).then(answer, () => {});
}

/** With what a terminal obeys. */
const LONG_REFUSAL = "\u001b[31mno\u0007\u009b2J\u202e ".repeat(300_000);

function refuse(response: ServerResponse, status: number, code: string, message = code.toLowerCase()): void {
  json(response, status, { errors: [{ code, message }] });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
