import type { IncomingMessage } from "node:http";
import { elsewhere, post } from "./http-post.ts";

/**
 * `fetch` as grammY's client uses it when no files are sent: it posts JSON, and is answered JSON. The one it brings takes
 * more processor time for that. A server that is elsewhere is followed there, once.
 */
export async function botApiFetch(url: string, sent: JsonSent): Promise<{ json(): Promise<unknown> }> {
  const answer = await post(new URL(url), sent);
  const location = elsewhere(answer);
  if (location === null) return jsonOf(answer);
  answer.destroy();
  return jsonOf(await post(new URL(location, url), sent));
}

interface JsonSent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Rejects when the answer breaks off. */
async function jsonOf(answer: IncomingMessage) {
  const text = await textOf(answer);
  return { json: async (): Promise<unknown> => JSON.parse(text) };
}

function textOf(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    answer.setEncoding("utf8");
    answer.on("data", (piece: string) => {
      text += piece;
    });
    answer.on("end", () => resolve(text));
    answer.on("error", reject);
  });
}
