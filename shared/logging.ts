import { createRequire } from "node:module";
import { type DestinationStream, type Logger, pino } from "pino";
import { scrub } from "./config.ts";

export type { Logger };

export interface LogSettings {
  readonly LOG_LEVEL: string;
  readonly LOG_FORMAT: "json" | "pretty";
}

/**
 * JSON lines on standard output, one per fact worth a line, every one scrubbed as it leaves: path redaction cannot
 * cut a token out of the middle of a string, such as the URL inside an HTTP error. No line carries message text.
 */
export function createLogger(service: string, { LOG_LEVEL: level, LOG_FORMAT: format }: LogSettings): Logger {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: scrub },
  };
  return format === "pretty" ? pino(options, prettyStream()) : pino(options);
}

/** Loaded only when it is asked for: no container needs it, and it takes its time. */
function prettyStream(): DestinationStream {
  const pretty = createRequire(import.meta.url)("pino-pretty") as (options: object) => DestinationStream;
  return pretty({ sync: true, translateTime: "SYS:HH:MM:ss", messageFormat: "{service}: {msg}", ignore: "service" });
}

/** For tests, and for commands whose output is their own. */
export const silentLogger: Logger = pino({ level: "silent" });
