import { request } from "node:http";
import { text } from "../../shared/config.ts";

/** Where the engine can be asked, if it can be from here: in the supervisor's container, or on its host. */
export const engineSettings = {
  DOCKER_SOCKET: text({ about: "The Docker Engine's socket.", default: "/var/run/docker.sock" }),
};

/** More than a list of a thousand images. */
const LONGEST_ANSWER = 8 * 1024 * 1024;

/** What the engine answers to a GET. Rejects when it cannot be reached, does not answer in time, or never ends. */
export function askEngine(
  socketPath: string,
  path: string,
  timeoutMs: number,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, timeout: timeoutMs, agent: false }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (part) => {
        body += part;
        if (body.length > LONGEST_ANSWER) asked.destroy(new Error("its answer does not end"));
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body })).on("error", reject);
    });
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    asked.on("error", reject).end();
  });
}
