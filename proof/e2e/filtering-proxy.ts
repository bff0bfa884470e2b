import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DOCKER_ENDPOINTS } from "../../services/supervisor/docker/docker-endpoints.ts";

const ENGINE = "/var/run/docker.sock";

/** A socket before the engine's that lets the documented endpoints through, and refuses and remembers all others. */
export async function startFilteringProxy() {
  const directory = mkdtempSync(join(tmpdir(), "lastgood-proxy-"));
  const socket = join(directory, "docker.sock");
  const used = new Set<string>();
  const refused: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const path = new URL(incoming.url ?? "/", "http://engine").pathname;
    const endpoint = DOCKER_ENDPOINTS.find((known) => known.method === incoming.method && known.path.test(path));
    if (!endpoint) {
      refused.push(`${incoming.method} ${path}`);
      outgoing.writeHead(403).end('{"message":"refused by the proxy"}');
      return;
    }
    used.add(endpoint.why);
    const { method, headers, url } = incoming;
    const forwarded = request({ socketPath: ENGINE, method, headers, path: url }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders(); // of a stream of events, too, before its first
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    outgoing.on("close", () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  await once(server.listen(socket), "listening");
  return {
    socket,
    used,
    refused,
    async stop() {
      server.closeAllConnections();
      await once(server.close(), "close");
      rmSync(directory, { recursive: true });
    },
  };
}
