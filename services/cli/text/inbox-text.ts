import type { Paint } from "../output.ts";
import type { InboxRow } from "../reading/list-inbox.ts";
import { columns } from "./columns.ts";
import { ago } from "./relative-time.ts";

const STYLES = {
  queued: "yellow",
  in_progress: "yellow",
  replying: "yellow",
  failed: "red",
  set_aside: "red",
  done: "green",
  ignored: "dim",
} as const satisfies Record<InboxRow["status"], Parameters<Paint>[0]>;

/** Enough of a text to recognise it by. */
const SHOWN = 50;

export function inboxLines(rows: readonly InboxRow[], now: Date, paint: Paint): string[] {
  const head = ["message", "status", "came", "chat", "tries", "why", "text"].map((title) => paint("bold", title));
  const cells = rows.map(({ id, status, receivedAt, chatId, attempts, error, text }) => [
    String(id),
    paint(STYLES[status], status),
    ago(new Date(receivedAt), now),
    String(chatId ?? "-"),
    String(attempts),
    error ?? "-",
    shorten(text ?? "-"),
  ]);
  return columns([head, ...cells]);
}

function shorten(text: string): string {
  const characters = [...text.slice(0, 2 * SHOWN)];
  return characters.length > SHOWN ? `${characters.slice(0, SHOWN).join("")}…` : text;
}
