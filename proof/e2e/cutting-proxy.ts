import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ENGINE = "/var/run/docker.sock";

/**
 * A socket before the engine's that cuts each stream of events after a while, as proxies with a time limit do, and
 * hands on what the engine says in pieces that end in the middle of a line.
 */
export async function startCuttingProxy(cutAfterMs: number) {
  const directory = mkdtempSync(join(tmpdir(), "lastgood-proxy-"));
  const socket = join(directory, "docker.sock");
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const engine = createConnection(ENGINE);
    const end = () => {
      client.destroy();
      engine.destroy();
      open.delete(client);
    };
    open.add(client);
    for (const side of [client, engine]) side.on("error", end).on("close", end);
    client.on("data", (bytes) => {
      if (bytes.includes("GET /events")) {
        setTimeout(() => {
          if (!client.destroyed) cuts += 1;
          end();
        }, cutAfterMs).unref();
      }
      engine.write(bytes);
    });
    engine.on("data", (bytes) => {
      const middle = Math.ceil(bytes.length / 2);
      client.write(bytes.subarray(0, middle));
      setImmediate(() => client.write(bytes.subarray(middle)));
    });
  });
  await once(server.listen(socket), "listening");
  return {
    socket,
    cuts: () => cuts,
    async stop() {
      for (const client of open) client.destroy();
      await once(server.close(), "close");
      rmSync(directory, { recursive: true });
    },
  };
}
