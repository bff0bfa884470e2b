import type { SupervisorView } from "../../../shared/requests/supervisor-view.ts";
import type { Paint } from "../output.ts";
import { columns } from "./columns.ts";
import { ago } from "./relative-time.ts";
import { type Row, statusRows } from "./status-text.ts";

export interface ToldBySupervisor {
  readonly view: SupervisorView;
  /** Whether it lives: else what it told last may be over. */
  readonly runs: boolean;
  readonly now: Date;
}

/** What a supervisor told of the moment; of the messages it knows nothing. */
export function viewLines({ view, runs, now }: ToldBySupervisor, paint: Paint): string[] {
  const at = ago(new Date(view.at), now);
  const rows: Row[] = [
    ["supervisor", runs ? `runs; it told this ${at}` : paint("red", `does not run; it told this ${at}`)],
    ...statusRows(view.status, now, paint),
    ["log", paint("yellow", mirrorText(view.mirror))],
  ];
  return columns(rows.map(([label, value]) => [paint("bold", label), value]));
}

export function viewForJson({ view, runs }: ToldBySupervisor, logProblem: string): object {
  const { status, at, ...supervisor } = view;
  const { inbox: _unknown, oldestWaiting: _neither, newestEvent: _ofItsOwn, ...known } = status;
  return { ...known, supervisor: { runs, at: new Date(at), ...supervisor }, logProblem };
}

export function mirrorText({ behind, problem }: SupervisorView["mirror"]): string {
  if (behind === 0) return problem ?? "has all that the supervisor recorded";
  return `${behind} events of the supervisor's have not arrived in it${problem === null ? "" : `: ${problem}`}`;
}
