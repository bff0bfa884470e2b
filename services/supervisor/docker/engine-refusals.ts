import { boundedReason } from "../../../shared/bounded-text.ts";
import { scrub } from "../../../shared/config.ts";

/** What the engine refuses is told by its status; an error without one means that it did not answer at all. */

export async function unlessMissing<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

/** 301 is what the engine's router, and 400 what it itself, says to a text that names no image. */
export async function unlessNoImage<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if ([301, 400, 404].includes(statusOf(error) ?? 0)) return null;
    throw error;
  }
}

/** It is started, or stopped, already. */
export function unlessUnchanged(error: unknown): void {
  if (statusOf(error) !== 304) throw error;
}

/** Compose, say, is removing it at this moment. */
export function unlessBeingRemoved(error: unknown): void {
  if (statusOf(error) !== 409) throw error;
}

export function refusedByEngine(error: unknown): void {
  if (statusOf(error) === undefined) throw error;
}

export function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}

/** The engine's own words, as they may be recorded. */
export function reasonOf(error: unknown): string {
  return boundedReason(scrub(engineWords(error)));
}

/** Without what dockerode puts before them: "(HTTP code 500) server error - ". */
export function engineWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^\(HTTP code \d+\) [^-]* - /, "").trim();
}
