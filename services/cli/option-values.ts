import { InvalidArgumentError } from "commander";

/** A parser for an option: a whole number of at least `min`. */
export function wholeNumberFrom(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`It must be a whole number of at least ${min}.`);
  };
}

const PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const HOST = "(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:]+\\])(?::\\d+)?";
/** https://github.com/distribution/reference: [host[:port]/]path[:tag][@digest] */
const IMAGE_REFERENCE = new RegExp(
  `^(?:${HOST}/)?${PART}(?:/${PART})*(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
);
const LONGEST_REFERENCE = 512;

/** A parser for an argument: an image reference as Docker takes it. Whether there is such an image is not asked. */
export function imageReference(text: string): string {
  if (text.length <= LONGEST_REFERENCE && IMAGE_REFERENCE.test(text)) return text;
  throw new InvalidArgumentError("It must be an image reference such as lastgood-worker:v2.");
}
