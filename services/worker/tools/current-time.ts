import { z } from "zod";
import type { Clock } from "../../../shared/clock.ts";
import type { Tool } from "./tool.ts";

const asked = z.strictObject({
  time_zone: z
    .string()
    .refine(isTimeZone, "not the name of a time zone, such as Europe/Berlin")
    .describe("A name of the IANA time zone database, such as Europe/Berlin. Left out: UTC.")
    .optional(),
});

/** Tells the time: "Tuesday, 1 January 2030 at 00:00:00 UTC (UTC)". */
export function createCurrentTime(clock: Clock): Tool<z.infer<typeof asked>> {
  return {
    name: "current_time",
    description: "Tells the present date, weekday and time, in UTC or in a given time zone.",
    arguments: asked,
    async run({ time_zone: timeZone = "UTC" }) {
      const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long", timeZone });
      return `${format.format(clock.now())} (${timeZone})`;
    },
  };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: name });
    return true;
  } catch {
    return false; // a RangeError is how Intl says that it does not know one
  }
}
