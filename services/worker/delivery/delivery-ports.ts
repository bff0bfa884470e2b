import type { Clock } from "../../../shared/clock.ts";
import type { Database } from "../../../shared/database.ts";
import type { Sender } from "./sender.ts";

export interface DeliveryPorts {
  readonly db: Database;
  readonly clock: Clock;
  readonly sender: Sender;
}
