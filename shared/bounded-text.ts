const LONGEST = 1000;

/** A stranger's words, as they are recorded: no longer than anybody reads, and without what steers a terminal. */
export function boundedText(text: string, longest = LONGEST): string {
  const start = text.slice(0, 4 * longest); // what is cut away need not be cleaned first
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const clean = start.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");
  return clean.length > longest || start.length < text.length ? `${clean.slice(0, longest - 1)}…` : clean;
}
