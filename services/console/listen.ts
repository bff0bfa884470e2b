import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { deadline } from "../../shared/clock.ts";
import { ownValue } from "../../shared/own-value.ts";
import { SetupError } from "../../shared/setup-error.ts";
import { ARRIVAL_LIMITS, boundConnections } from "./bounded-connections.ts";

/** Every long request ends with the stop signal; one that still writes gets this long. */
const CLOSE_WITHIN_MS = 5_000;

/** The names of the settings that say where a server listens, for the message when it cannot. */
interface Place {
  readonly host: { readonly setting: string; readonly value: string };
  readonly port: { readonly setting: string; readonly value: number };
}

export interface Listening {
  readonly port: number;
  /** Takes no new connection, waits for what is being answered, and cuts it off after five seconds. */
  close(): Promise<void>;
}

/** Resolves once the server listens. Rejects with a SetupError when the place cannot be had. */
export async function listen(app: Hono, { host, port }: Place): Promise<Listening> {
  const server = createServer(ARRIVAL_LIMITS, getRequestListener(app.fetch));
  boundConnections(server);
  // A connection that is kept alive after its last answer would hold a closed server open.
  server.on("request", (_request, response) => {
    response.once("close", () => server.listening || server.closeIdleConnections());
  });
  server.listen(port.value, host.value);
  try {
    await once(server, "listening");
  } catch (cause) {
    const place = `${host.value}:${port.value} (${host.setting}, ${port.setting})`;
    throw new SetupError([`Cannot listen on ${place}: ${reason(cause)}`], { cause });
  }
  const address = server.address();
  return { port: typeof address === "object" && address ? address.port : port.value, close: () => close(server) };
}

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is taken. Stop what uses it, or choose another port.",
  EACCES: "this user may not use that port. Choose one of 1024 or higher.",
  EADDRNOTAVAIL: "this machine does not have that address. Choose one that it has, or 127.0.0.1.",
  ENOTFOUND: "no such host is known. Choose an address of this machine, or 127.0.0.1.",
};

function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  return ownValue(REMEDIES, code) ?? `${code}.`;
}

async function close(server: Server): Promise<void> {
  const closed = new AbortController();
  const late = deadline(CLOSE_WITHIN_MS, closed.signal);
  late.addEventListener("abort", () => server.closeAllConnections());
  const isClosed = once(server, "close");
  server.close();
  await isClosed;
  closed.abort();
}
