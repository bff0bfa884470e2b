/** What the network said, in codes of the system such as ECONNREFUSED: messages hold addresses, and at times secrets. */
export function networkDetail(error: unknown): string {
  const codes: string[] = [];
  for (let cause = error; cause instanceof Error && codes.length < 8; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string" && /^\w{1,64}$/.test(cause.code)) codes.push(cause.code);
  }
  return codes.length > 0 ? `no connection: ${codes.join(" ")}` : "no connection";
}
