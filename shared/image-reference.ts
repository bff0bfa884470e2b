const PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const HOST = "(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:]+\\])(?::\\d+)?";
/** https://github.com/distribution/reference: [host[:port]/]path[:tag][@digest] */
export const IMAGE_REFERENCE = new RegExp(
  `^(?:${HOST}/)?${PART}(?:/${PART})*(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
);
const LONGEST_REFERENCE = 512;

/** What to say of a text that is none. */
export const NO_IMAGE_REFERENCE = "It must be an image reference such as lastgood-worker:v2.";

/** Whether a text is an image reference as Docker takes it. Whether there is such an image is not asked. */
export function isImageReference(text: string): boolean {
  return text.length <= LONGEST_REFERENCE && IMAGE_REFERENCE.test(text);
}

/** A reference without its tag and digest: "registry.example:5000/me/agent" of "registry.example:5000/me/agent:v2". */
export function repositoryOf(reference: string): string {
  const [named = ""] = reference.split("@", 1);
  return named.replace(/:[^/:]*$/, "");
}
