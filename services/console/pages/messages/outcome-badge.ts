import { html } from "hono/html";
import { ownValue } from "../../../../shared/own-value.ts";
import type { Html } from "../layout.ts";

const TOLD: Readonly<Record<string, readonly [tone: "good" | "warn" | "bad" | "", word: string]>> = {
  queued: ["warn", "waiting"],
  in_progress: ["warn", "thinking"],
  replying: ["warn", "replying"],
  done: ["good", "answered"],
  failed: ["bad", "failed"],
  set_aside: ["bad", "set aside"],
  ignored: ["", "ignored"],
};

/** What became of a message, in a word. */
export function outcomeBadge(status: string, error: string | null): Html {
  const [tone, word] = ownValue(TOLD, status) ?? ["", status];
  return html`<span class="badge ${tone}">${status === "ignored" ? (error ?? word) : word}</span>`;
}
