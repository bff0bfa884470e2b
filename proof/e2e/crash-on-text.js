/** Loaded into a worker by NODE_OPTIONS: a bug that a certain text brings out when the model is asked. */
const POISON = /brings it down[^"]*"\}\]/;

if (process.argv[1]?.endsWith("services/worker/main.ts")) {
  const fetch = globalThis.fetch;
  globalThis.fetch = (url, options) => {
    if (POISON.test(String(options?.body))) setImmediate(() => process.kill(process.pid, "SIGSEGV"));
    return fetch(url, options);
  };
}
