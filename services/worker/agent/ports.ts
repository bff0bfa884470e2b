import type { Clock } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import type { Limits } from "../control/limits.ts";
import type { Spending } from "../control/spending.ts";
import type { Model } from "../model/model.ts";
import type { Tool } from "../tools/tool.ts";
import type { ContextSettings } from "./context/context.ts";

/** What the agent is made of. */
export interface AgentPorts {
  readonly db: Database;
  readonly clock: Clock;
  /** The first is asked; each further one, in order, when a refusal of the one before may be that model's alone. */
  readonly models: readonly [Model, ...Model[]];
  readonly tools: readonly Tool[];
  readonly spending: Spending;
}

export interface AgentSettings extends ContextSettings {
  /** For one attempt at a message. */
  readonly limits: Limits;
}
