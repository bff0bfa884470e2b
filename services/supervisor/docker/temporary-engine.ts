import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A socket where something answers like an engine, or does not. */
export async function temporaryEngine(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const directory = mkdtempSync(join(tmpdir(), "lastgood-engine-"));
  const socketPath = join(directory, "docker.sock");
  const server = createServer(answer);
  await once(server.listen(socketPath), "listening");
  return {
    socketPath,
    async remove() {
      server.closeAllConnections();
      await once(server.close(), "close");
      rmSync(directory, { recursive: true });
    },
  };
}
