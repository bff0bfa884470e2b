import { accessSync, constants } from "node:fs";
import { inboxOf } from "../../../shared/requests/requests-directory.ts";
import { type SupervisorView, supervisorRuns } from "../../../shared/requests/supervisor-view.ts";
import { mirrorText } from "../text/view-text.ts";
import { bad, type Finding, good, warning } from "./finding.ts";

/** Whether the supervisor lives and can be asked, by the volume of the requests alone. */
export function lookAtRequests(directory: string, view: SupervisorView | null): Finding[] {
  return [supervisor(directory), requests(directory), ...(view ? mirror(view) : [])];
}

function supervisor(directory: string): Finding {
  if (supervisorRuns(directory)) return good("supervisor", "it runs");
  return bad(
    "supervisor",
    "none runs on this volume",
    "Start it, docker compose up -d, and read docker compose logs supervisor.",
  );
}

function requests(directory: string): Finding {
  try {
    accessSync(inboxOf(directory), constants.W_OK | constants.X_OK);
    return good("requests", `they can be put into ${directory}`);
  } catch (error) {
    const detail = `none can be put into ${inboxOf(directory)} (${(error as { code?: unknown }).code})`;
    return bad("requests", detail, "Start the supervisor, which makes it; or mount the volume there (REQUESTS_DIR).");
  }
}

function mirror({ mirror: seen }: SupervisorView): Finding[] {
  if (seen.problem === null) return [];
  return [bad("log", mirrorText(seen), "See what keeps it: docker compose logs supervisor.")];
}

/** What the supervisor told of its worker, where the log cannot be read. */
export function workerAsTold({ status }: SupervisorView): Finding {
  const { stopped, halted, worker } = status;
  if (stopped) return warning("worker", "an operator stopped it", "Let it run again: lastgood start.");
  if (halted !== null) return bad("worker", `halted: ${halted}`, "Deploy a good image, or roll back to one by name.");
  if (!worker) return bad("worker", "none runs yet", "See why: docker compose logs supervisor.");
  const { instance, revision, state } = worker;
  const told = `${instance} of ${revision}, says the supervisor,`;
  if (state.kind === "exited") return bad("worker", `none runs; ${told} ended: ${state.class}`, "See lastgood status.");
  if (state.kind === "ready") return good("worker", `${told} is ready`);
  return warning("worker", `${told} is ${state.kind}`, "Look again in a minute.");
}
