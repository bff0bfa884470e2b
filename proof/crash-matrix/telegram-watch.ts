import { type Around, type Call, type Fault, suffer } from "../../services/console/local/telegram/faults.ts";
import { MARKED_SECRETS } from "../marked-secrets.ts";
import type { Assassin } from "./assassin.ts";
import { marksIn } from "./numbered.ts";
import type { Chance } from "./random.ts";

const QUOTING = "quoting its address";
/** Hangs are left out: each would cost the worker's whole time-out. */
const FAULTS: readonly [Fault | typeof QUOTING, ...Fault[]] = [
  QUOTING,
  { kind: "rate limited", retryAfterSeconds: 1 },
  { kind: "server error", status: 502, acted: false },
  { kind: "server error", status: 500, acted: true },
  { kind: "html page", status: 502, acted: false },
  { kind: "dropped", acted: false },
  { kind: "dropped", acted: true },
];
/** Each costs the worker a pause of a second or more. */
const CALLS_PER_FAULT = 40;
/** What a proxy in between may say. It was not taken. */
function quotingItsAddress({ method }: Call): Response {
  const description = `Bad Gateway: POST https://api.telegram.org/bot${MARKED_SECRETS.TELEGRAM_BOT_TOKEN}/${method}`;
  return Response.json({ ok: false, error_code: 502, description }, { status: 502 });
}
const NOT_TAKEN: Fault = { kind: "dropped", acted: false };
const TAKEN: Fault = { kind: "dropped", acted: true };

export interface TelegramWatch {
  readonly around: Around;
  /** How many faults there were. */
  faults(): number;
}

/** Sees a worker come by every boundary that shows in its calls of the Bot API, and injects faults when asked to. */
export function watchTelegram(assassin: Assassin, chance: Chance, withFaults: boolean): TelegramWatch {
  let newestUpdate = 0;
  let faults = 0;

  const around: Around = async (call, act) => {
    const { method, parameters, outgoing } = call;
    if (method === "getupdates") {
      if (newestUpdate > 0 && Number(parameters.offset) > newestUpdate && assassin.strikes("after commit")) {
        newestUpdate = 0;
        return suffer(NOT_TAKEN, call, act);
      }
      const answer = isFaulty() ? await sufferSome(call, act) : await act();
      const newest = await newestIn(answer);
      newestUpdate = newest ?? newestUpdate;
      if (newest !== null && assassin.strikes("before commit", "when told")) outgoing.once("finish", assassin.strike);
      return answer;
    }
    const text = String(parameters.text ?? "");
    if (method === "editmessagetext" && assassin.strikes("mid draft edit")) {
      return suffer(chance.oneOf([TAKEN, NOT_TAKEN]), call, act);
    }
    if (method === "sendmessage") {
      if (isLaterPart(text) && assassin.strikes("between parts")) return suffer(NOT_TAKEN, call, act);
      if (assassin.strikes("sending, not taken")) return suffer(NOT_TAKEN, call, act);
      if (assassin.strikes("taken, answer withheld")) return suffer(TAKEN, call, act);
    }
    return method !== "sendchataction" && isFaulty() ? sufferSome(call, act) : act();
  };

  async function sufferSome(call: Call, act: () => Promise<Response>): Promise<Response> {
    const fault = chance.oneOf(FAULTS);
    return fault === QUOTING ? quotingItsAddress(call) : suffer(fault, call, act);
  }

  function isFaulty(): boolean {
    if (!withFaults || chance.below(CALLS_PER_FAULT) > 0) return false;
    faults += 1;
    return true;
  }

  return { around, faults: () => faults };
}

function isLaterPart(text: string): boolean {
  return (marksIn(text)[0]?.paragraph ?? 1) > 1;
}

/** The newest update that an answer brings, or null when it brings none. */
async function newestIn(answer: Response): Promise<number | null> {
  if (answer.status !== 200 || !/json/.test(answer.headers.get("content-type") ?? "")) return null;
  const { result } = (await answer.clone().json()) as { result: readonly { update_id: number }[] };
  return result.at(-1)?.update_id ?? null;
}
