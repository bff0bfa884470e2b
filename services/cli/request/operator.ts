import { hostname, userInfo } from "node:os";

/** Who asks, for the log: "node@server". */
export function operatorName(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`; // a container may run as a user that no passwd entry names
  }
}
