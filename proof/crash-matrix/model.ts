import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { answerTo, questionIn } from "./numbered.ts";

/** What can be seen of a worker from the model's side. */
export interface ModelWatch {
  asked(body: string): "is to be answered" | "is to be refused" | "is dead";
  /** False: nothing more is said to it. */
  saidHalf(): boolean;
  calledTool(): void;
  answered(): void;
}

const SLOW_PIECES = 12;
/** A slow answer takes over two seconds, so that a draft of it is shown and edited. */
const SLOW_PIECE_MS = 200;

const requestSchema = z.looseObject({
  stream: z.boolean().nullish(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).default([]),
});

/** A model with OpenAI's interface that answers numbered questions. Resolves once it listens on the loopback. */
export async function startModel(watch: ModelWatch) {
  const server = createServer(async (incoming, outgoing) => {
    outgoing.on("error", () => {}); // the worker that asked is dead
    const body = await text(incoming).catch(() => '{"messages":[]}');
    const worker = watch.asked(body);
    if (worker === "is to be answered") await reply(requestSchema.parse(JSON.parse(body)), outgoing, watch);
    else if (worker === "is to be refused") refuse(outgoing, String(incoming.headers.authorization));
    else outgoing.destroy();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** As some gateways do, it quotes the key. */
function refuse(outgoing: ServerResponse, authorization: string): void {
  const message = `The upstream is overloaded. You sent: Authorization: ${authorization}`;
  outgoing
    .writeHead(503, { "Content-Type": "application/json" })
    .end(JSON.stringify({ error: { message, code: message } }));
}

type Request = z.infer<typeof requestSchema>;

async function reply(request: Request, outgoing: ServerResponse<IncomingMessage>, watch: ModelWatch): Promise<void> {
  const asked = questionIn(String(request.messages.findLast(({ role }) => role === "user")?.content));
  const { number, kind } = asked ?? { number: 0, kind: "plain" };
  const tool = request.messages.at(-1)?.role === "tool" ? undefined : request.tools.find(isTime)?.function.name;
  if (kind === "tool" && tool !== undefined) {
    outgoing.once("finish", () => watch.calledTool());
    const call = { id: `call_${number}`, type: "function", function: { name: tool, arguments: "{}" } };
    return respond(request, outgoing, { tool_calls: [{ index: 0, ...call }] }, "tool_calls");
  }
  outgoing.once("finish", () => watch.answered());
  const content = answerTo(number, kind);
  if (kind !== "slow" || !request.stream) return respond(request, outgoing, { content }, "stop");
  const length = Math.ceil(content.length / SLOW_PIECES);
  for (let at = 0; at < SLOW_PIECES && !outgoing.destroyed; at += 1) {
    if (at === SLOW_PIECES - 2 && !watch.saidHalf()) return void outgoing.destroy();
    write(outgoing, { content: content.slice(at * length, (at + 1) * length) }, null);
    await delay(SLOW_PIECE_MS);
  }
  respond(request, outgoing, {}, "stop");
}

const isTime = (tool: Request["tools"][number]) => /time/.test(tool.function.name);
const USAGE = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };
const HEAD = { id: "chatcmpl-1", created: 1, model: "local" };

function respond(request: Request, outgoing: ServerResponse, said: object, finish_reason: string): void {
  if (!request.stream) {
    const message = { role: "assistant", content: null, ...said };
    const body = { ...HEAD, object: "chat.completion", choices: [{ index: 0, message, finish_reason }], usage: USAGE };
    outgoing.setHeader("Content-Type", "application/json");
    outgoing.end(JSON.stringify(body));
    return;
  }
  write(outgoing, said, null);
  write(outgoing, {}, finish_reason);
  const usage = { ...HEAD, object: "chat.completion.chunk", choices: [], usage: USAGE };
  outgoing.end(`data: ${JSON.stringify(usage)}\n\ndata: [DONE]\n\n`);
}

function write(outgoing: ServerResponse, delta: object, finish_reason: string | null): void {
  if (!outgoing.headersSent) outgoing.setHeader("Content-Type", "text/event-stream");
  const choices = [{ index: 0, delta: { role: "assistant", ...delta }, finish_reason }];
  outgoing.write(`data: ${JSON.stringify({ ...HEAD, object: "chat.completion.chunk", choices })}\n\n`);
}
