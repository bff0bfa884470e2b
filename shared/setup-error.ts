/**
 * A mistake of the person who set this up, not of the program: it is shown as its message alone,
 * without a stack trace, and the process leaves with 78 (EX_CONFIG, sysexits.h): do not restart until it changes.
 */
export class SetupError extends Error {
  override readonly name = "SetupError";
  readonly problems: readonly string[];

  /** @param problems one entry per problem, each saying what is wrong, where, and what to do about it */
  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.length === 1 ? problems[0] : problems.map((problem) => `- ${problem}`).join("\n"), options);
    this.problems = problems;
  }
}

/** sysexits.h: something is wrong with the configuration. */
export const EXIT_CONFIGURATION = 78;
