/** Loaded into a worker by NODE_OPTIONS: a bug that a certain text brings out when the model is asked. */
import { OutgoingMessage } from "node:http";

const POISON = /brings it down[^"]*"\}\]/;

if (process.argv[1]?.endsWith("services/worker/main.ts")) {
  const { end } = OutgoingMessage.prototype;
  OutgoingMessage.prototype.end = function (...rest) {
    if (POISON.test(String(rest[0]))) setImmediate(() => process.kill(process.pid, "SIGSEGV"));
    return end.apply(this, rest);
  };
}
