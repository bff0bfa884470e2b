import type { Claimed, Spooled } from "./claimed.ts";

/** Who asks for something, and from where: "cli" by "node@server". */
interface Requested extends Claimed, Spooled {
  readonly by: string;
  readonly from: "cli" | "console" | "chat";
}

/** What an operator asks for. */
export interface RequestPayloads {
  "deploy.requested": Requested & { readonly revision: string };
  /** `image_id`: that very good image, whatever its tag means by now; else what `revision` means. */
  "rollback.requested": Requested & { readonly revision: string | null; readonly image_id?: string };
  "stop.requested": Requested;
  "start.requested": Requested;
  "hold.requested": Requested;
  "unhold.requested": Requested;
  /** Ends the deploy that is pulled, checked or on probation, and not decided. */
  "cancel.requested": Requested;
  "message.retried": Requested & { readonly task_id: number };
  "message.dropped": Requested & { readonly task_id: number };
  "message.stopped": Requested & { readonly task_id: number };
}
