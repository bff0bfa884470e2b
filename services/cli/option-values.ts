import { InvalidArgumentError } from "commander";
import { isImageReference, NO_IMAGE_REFERENCE } from "../../shared/image-reference.ts";

/** A parser for an option: a whole number of at least `min`. */
export function wholeNumberFrom(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`It must be a whole number of at least ${min}.`);
  };
}

/** A parser for an argument: an image reference. */
export function imageReference(text: string): string {
  if (isImageReference(text)) return text;
  throw new InvalidArgumentError(NO_IMAGE_REFERENCE);
}
