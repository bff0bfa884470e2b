import { type Logger, pino } from "pino";
import { scrub } from "./config.ts";

export type { Logger };

/**
 * JSON lines on standard output, one per fact worth a line, every one scrubbed as it leaves: path redaction cannot
 * cut a token out of the middle of a string, such as the URL inside an HTTP error. No line carries message text.
 */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    hooks: { streamWrite: scrub },
  });
}

/** For tests, and for commands whose output is their own. */
export const silentLogger: Logger = pino({ level: "silent" });
