import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { listen } from "../../services/console/listen.ts";
import { createBotApi } from "../../services/console/local/telegram/bot-api.ts";
import { surrounded } from "../../services/console/local/telegram/faults.ts";
import { createLocalTelegram } from "../../services/console/local/telegram/local-telegram.ts";
import { systemClock } from "../../shared/clock.ts";
import { openDatabase } from "../../shared/database.ts";
import { initSchema } from "../../shared/schema.ts";
import { MARKED_SECRETS, markedFiles, markIn } from "../marked-secrets.ts";
import { createAssassin } from "./assassin.ts";
import { ALL_BOUNDARIES, BOUNDARIES, type Boundary } from "./boundaries.ts";
import { openMessages } from "./log-facts.ts";
import { startModel } from "./model.ts";
import { createPeople } from "./people.ts";
import { createChance } from "./random.ts";
import { createSupervisorStandIn, type Life } from "./supervisor-stand-in.ts";
import { watchTelegram } from "./telegram-watch.ts";

export interface MatrixSettings {
  readonly kills: number;
  readonly messages: number;
  readonly seed: number;
  readonly withFaults: boolean;
}

const CHATS = 5;
/** A worker that comes by its boundary does so within seconds of the question for it. */
const PATIENCE_MS = 8000;
/** With so little left to do, all that is there is done long before. */
const LAST_PATIENCE_MS = 180_000;
/** Each costs a pause of two seconds, and of four alike in a row the message would fail. */
const CALLS_PER_FAULT = 100;
const LOOK_EVERY_MS = 20;
/** A worker takes some hundreds to become ready. */
const LONGEST_START_MS = 700;
const LONGEST_RANDOM_MS = 60;
/** So soon after the model's answer the worker may have stored it, or not, or be about to send it. */
const LONGEST_AFTER_TURN_MS = 4;

/** Lets workers live and die, one after the other, while people ask; then lets the last one finish. */
export async function runMatrix(settings: MatrixSettings) {
  const startedAt = performance.now();
  const world = await createWorld(settings);
  const { people, supervisor } = world;
  const kills = new Map<string, number>();
  const unreachable = new Set<Boundary>();
  const crashes: (number | null)[] = [];
  // What waits for a bot that was never started is its backlog, of which the newest alone are answered.
  const first = supervisor.start();
  await first.ready;
  first.stop();
  await first.end;
  for (let number = 0; number < settings.kills; number += 1) {
    const boundary = ALL_BOUNDARIES[number % ALL_BOUNDARIES.length] ?? "at a random moment";
    const share = Math.floor(((number + 1) * settings.messages) / settings.kills) - people.asked.length;
    const life = supervisor.start();
    const reached = unreachable.has(boundary) ? "at a random moment" : boundary;
    const where = await killSomewhere(world, life, reached, share);
    if (where !== reached) unreachable.add(reached);
    const { killed, code } = await life.end;
    if (killed) kills.set(where, (kills.get(where) ?? 0) + 1);
    else crashes.push(code);
  }
  const last = supervisor.start();
  await last.ready;
  const isFinished = await until(() => isQuiet(world), LAST_PATIENCE_MS);
  last.stop();
  const { code } = await last.end;
  if (code !== 0) crashes.push(code);
  await world.close();
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    ...world,
    leaks: world.leaks(),
    kills,
    unreachable,
    crashes,
    isFinished,
    seconds,
    faults: world.watch.faults(),
  };
}

type World = Awaited<ReturnType<typeof createWorld>>;

async function createWorld({ seed, withFaults }: MatrixSettings) {
  const directory = mkdtempSync(join(tmpdir(), "lastgood-matrix-"));
  const db = openDatabase(join(directory, "lastgood.db"));
  initSchema(db);
  const telegramDb = openDatabase(join(directory, "local-telegram.db"));
  const telegram = createLocalTelegram({ db: telegramDb, clock: systemClock }, { token: TOKEN });
  const chance = createChance(seed);
  const assassin = createAssassin();
  const watch = watchTelegram(assassin, chance, withFaults);
  const leaks: string[] = [];
  const stopping = new AbortController();
  const api = createBotApi(telegram.answer, { token: TOKEN }, stopping.signal);
  const server = await listen(surrounded(api, watch.around), LOOPBACK);
  const strikeSoon = () => void delay(chance.below(LONGEST_AFTER_TURN_MS)).then(assassin.strike);
  const model = await startModel({
    asked(body) {
      const shown = markIn(body);
      if (shown) leaks.push(`what the model was shown: …${shown}`);
      if (assassin.strikes("mid turn")) return "is dead";
      return withFaults && chance.below(CALLS_PER_FAULT) === 0 ? "is to be refused" : "is to be answered";
    },
    saidHalf: () => !assassin.strikes("mid stream"),
    calledTool: () => assassin.strikes("mid tool call", "when told") && strikeSoon(),
    answered: () => assassin.strikes("after the turn", "when told") && strikeSoon(),
  });
  const environment = {
    ...MARKED_SECRETS,
    TELEGRAM_API_ROOT: `http://127.0.0.1:${server.port}`,
    TELEGRAM_ALLOWED_CHATS: "*",
    OPENAI_BASE_URL: model.url,
    OPENAI_MODEL: "local",
    LOG_LEVEL: withFaults ? "debug" : "warn",
    NODE_COMPILE_CACHE: join(directory, "compiled"), // thousands of starts of the same sources
  };
  return {
    directory,
    db,
    chance,
    assassin,
    watch,
    people: createPeople(telegram, chance, { chats: CHATS, secrets: withFaults ? Object.values(MARKED_SECRETS) : [] }),
    supervisor: createSupervisorStandIn(db, directory, environment),
    /** Where a secret stands that should not: everywhere but in what people wrote, which Telegram keeps. */
    leaks: () => [...leaks, ...markedFiles(directory, (path) => path.includes("local-telegram.db"))],
    async close() {
      stopping.abort();
      model.close();
      await server.close();
    },
  };
}

const { TELEGRAM_BOT_TOKEN: TOKEN } = MARKED_SECRETS;
const LOOPBACK = { host: { setting: "HOST", value: "127.0.0.1" }, port: { setting: "PORT", value: 0 } };

/** Returns where the worker was killed in the end: a boundary that it does not come by is left for a random moment. */
async function killSomewhere(world: World, life: Life, boundary: Boundary, share: number): Promise<Boundary> {
  const { chance, people, assassin } = world;
  const whileDown = share > 1 && people.asked.length > 0 ? chance.below(share) : 0;
  for (let count = 0; count < whileDown; count += 1) people.askAnything();
  if (boundary === "at its start") {
    await Promise.race([delay(chance.below(LONGEST_START_MS)), life.end]);
    life.kill();
    for (let count = whileDown; count < share; count += 1) people.askAnything();
    return boundary;
  }
  await Promise.race([life.ready, life.end]);
  for (let count = whileDown + 1; count < share; count += 1) people.askAnything();
  // Somewhere in the midst of its work, so that it is not always the first message that is hit.
  const openAtFirst = openMessages(world.db) + people.pending();
  const left = chance.below(openAtFirst);
  await Promise.race([until(() => openMessages(world.db) + people.pending() <= left, PATIENCE_MS), life.end]);
  if (boundary === "at a random moment") {
    if (share > whileDown) people.ask(BOUNDARIES[boundary]);
    await delay(chance.below(LONGEST_RANDOM_MS));
    life.kill();
    return boundary;
  }
  const struck = assassin.wait(life, boundary).then(() => boundary);
  if (share > whileDown) people.ask(BOUNDARIES[boundary]);
  const quiet = until(() => isQuiet(world), PATIENCE_MS).then(() => "at a random moment" as const);
  const where = await Promise.race([struck, quiet, life.end.then(() => "at a random moment" as const)]);
  if (where !== boundary) life.kill();
  return where;
}

function isQuiet({ db, people }: World): boolean {
  return people.pending() === 0 && openMessages(db) === 0;
}

/** Whether it became so in time. */
async function until(isSo: () => boolean, patienceMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + patienceMs;
  while (!isSo()) {
    if (performance.now() > giveUpAt) return false;
    await delay(LOOK_EVERY_MS);
  }
  return true;
}
