import { secretsIn } from "../../../shared/config.ts";

type Environment = Readonly<Record<string, string>>;

/**
 * What a check is given of a worker's environment. Of a secret only the form is left, so that a check of the form says
 * what it would say of the secret. What points to a file on the state volume is left out, as that volume is not there:
 * whether such a file is right is no matter of the image, and the worker says it at its start. A budget goes with its
 * prices: by the list that an image brings, it might be one that cannot be kept.
 */
export function checkEnvironment(environment: Environment, stateDir: string): Record<string, string> {
  const elsewhere = Object.entries(environment).filter(([, value]) => value.startsWith(`${stateDir}/`));
  const leftOut = new Set(elsewhere.map(([name]) => name));
  if (leftOut.has("MODEL_PRICES_FILE")) leftOut.add("DAILY_BUDGET_USD");
  const given = Object.entries(environment).filter(([name]) => !leftOut.has(name));
  return Object.fromEntries(
    given.map(([name, value]) => [name, isSecret(name, value) ? formOf(value) : openly(value)]),
  );
}

function isSecret(name: string, value: string): boolean {
  return secretsIn({ [name]: value }).length > 0;
}

/** As long, and of the same kinds of characters: "123:Ab-c" is "111:xx-x". What is beyond ASCII stays beyond it. */
function formOf(secret: string): string {
  return secret
    .replace(/\P{ASCII}/gu, "\u00f8")
    .replace(/[a-z]/gi, "x")
    .replace(/\d/g, "1");
}

/** An address may hold a password, whatever its variable is called. */
function openly(value: string): string {
  return value.replace(/(:\/\/[^\s/:@]*:)([^\s/@]+)(?=@)/g, (_, before, password) => before + formOf(password));
}
