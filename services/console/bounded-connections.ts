import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

/** For how long a request may take to arrive: whole headers, and a body of some kilobytes, over a bad line. */
export const ARRIVAL_LIMITS = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 1_000 };

/** Many more than the worker, a person's browsers and their programs come to; each may hold the longest body in memory. */
const MOST_UNFINISHED = 200;

/**
 * Of the connections on which no whole request has come, the oldest makes room for one that is new: whoever opens many,
 * and sends little, takes the place of their own, while a request that comes at once is answered at once.
 */
export function boundConnections(server: Server, most = MOST_UNFINISHED): void {
  const unfinished = new Set<Socket>();
  server.on("connection", (socket) => {
    unfinished.add(socket);
    socket.once("close", () => unfinished.delete(socket));
    const [oldest] = unfinished;
    if (unfinished.size > most) oldest?.destroy();
  });
  server.on("request", (request, response) => {
    const { socket } = request;
    if (!hasBody(request)) unfinished.delete(socket);
    request.once("end", () => unfinished.delete(socket));
    response.once("close", () => socket.destroyed || unfinished.add(socket)); // for its next request
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}
