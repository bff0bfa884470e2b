import { scrub } from "../../../shared/config.ts";
import type { Database } from "../../../shared/database.ts";
import { readSupervisorView, type SupervisorView } from "../../../shared/requests/supervisor-view.ts";
import { type Cli, type CliCommand, EXIT, type JsonOption } from "../command.ts";
import { lookAtEngine } from "../doctor/engine.ts";
import type { Finding } from "../doctor/finding.ts";
import { lookAtJournal } from "../doctor/journal.ts";
import { lookAtRequests, workerAsTold } from "../doctor/requests.ts";
import { readDoctorSettings } from "../doctor/settings.ts";
import { lookAtUpstreams } from "../doctor/upstreams.ts";
import { lookAtVolume } from "../doctor/volume.ts";
import { lookAtWorker } from "../doctor/worker.ts";
import type { Paint } from "../output.ts";
import { columns } from "../text/columns.ts";
import { json } from "../text/json.ts";

export const doctor: CliCommand = {
  name: "doctor",
  about: "Look at everything the agent needs, and say what to mend; exits with 1 when something is bad",
  example: "docker compose exec supervisor lastgood doctor",
  declare: (command) => command,
  async run(command, cli) {
    const findings = (await lookAtAll(cli)).map(withoutSecrets);
    const { json: asJson } = command.opts<JsonOption>();
    await cli.output.print(
      ...(asJson ? findings.map((finding) => json(finding)) : findingLines(findings, cli.output.paint)),
    );
    return findings.some(({ verdict }) => verdict === "bad") ? EXIT.failed : EXIT.done;
  },
};

async function lookAtAll({ stateDir, ownDir, requestsDir, clock, signal }: Cli): Promise<Finding[]> {
  const { socket, workerImage, upstreams } = readDoctorSettings();
  const now = clock.now();
  const view = readSupervisorView(requestsDir);
  const { db, findings } = lookAtVolume(stateDir, now);
  const processes = [...lookAtRequests(requestsDir, view), ...worker(db, view, { stateDir, now })];
  const [engine, others] = await Promise.all([
    lookAtEngine(db, socket, workerImage),
    lookAtUpstreams(upstreams, signal),
  ]);
  db?.close();
  return [...findings, ...lookAtJournal(ownDir), ...engine, ...processes, ...others];
}

/** By the log where it can be read, else by what the supervisor told. */
function worker(
  db: Database | null,
  view: SupervisorView | null,
  { stateDir, now }: { readonly stateDir: string; readonly now: number },
): Finding[] {
  if (db) return [lookAtWorker(db, stateDir, now)];
  return view ? [workerAsTold(view)] : [];
}

function withoutSecrets(finding: Finding): Finding {
  return { ...finding, detail: scrub(finding.detail) };
}

const STYLES = { good: "green", warning: "yellow", bad: "red" } as const;

function findingLines(findings: readonly Finding[], paint: Paint): string[] {
  return columns(
    findings.flatMap((finding) => {
      const { about, verdict, detail } = finding;
      const row = [paint(STYLES[verdict], verdict), about, detail];
      return finding.verdict === "good" ? [row] : [row, ["", "", `→ ${finding.remedy}`]];
    }),
  );
}
