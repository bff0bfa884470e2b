/** What one look found. Whatever is not `good` says what to do about it. */
export type Finding =
  | { readonly about: string; readonly verdict: "good"; readonly detail: string }
  | { readonly about: string; readonly verdict: "warning" | "bad"; readonly detail: string; readonly remedy: string };

export const good = (about: string, detail: string): Finding => ({ about, verdict: "good", detail });
export const warning = (about: string, detail: string, remedy: string): Finding => ({
  about,
  verdict: "warning",
  detail,
  remedy,
});
export const bad = (about: string, detail: string, remedy: string): Finding => ({
  about,
  verdict: "bad",
  detail,
  remedy,
});

/** A look that fails is a finding too. */
export async function lookAt(about: string, look: () => Promise<Finding>, remedy: string): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    return bad(about, reasonOf(error), remedy);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = (error.cause ?? error) as { code?: unknown }; // fetch says why in its cause
  return typeof code === "string" ? `${error.message} (${code})` : error.message;
}
