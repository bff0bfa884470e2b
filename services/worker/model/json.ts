/** The value in a text; undefined where there is none, which no schema of ours takes for an answer. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // so the contract says
  }
}
