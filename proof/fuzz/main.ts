/** npm run fuzz -- supervisor | worker; each says in its file what else it takes. */
const FUZZES: Readonly<Record<string, () => Promise<unknown>>> = {
  supervisor: () => import("./supervisor.ts"),
  worker: () => import("./worker.ts"),
};

const fuzz = FUZZES[process.argv[2] ?? ""];
if (fuzz) await fuzz();
else {
  console.error(`usage: npm run fuzz -- ${Object.keys(FUZZES).join(" | ")} [--seed 1]`);
  process.exit(64);
}
