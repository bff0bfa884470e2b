import { html } from "hono/html";
import type { Html } from "../layout.ts";
import { statePage } from "../state-page.ts";
import { RENEW_SECONDS, type WithoutLog, whatIsTold } from "../without-log.ts";
import { actions } from "./actions.ts";

/** What can be asked for does not need the log. @param request how far has come what was asked for last */
export function revisionsWithoutLog(told: WithoutLog, request: Html | null): Html {
  const status = told.view?.status ?? { stopped: false, onHold: false, inProgress: [] };
  return statePage({
    title: "Revisions",
    place: "/revisions",
    after: null,
    renewSeconds: RENEW_SECONDS,
    styles: ["revisions/revisions.css", "now/now.css"],
    content: html`${request ?? ""}${actions(status, null, "")}${whatIsTold(told)}`,
  });
}
