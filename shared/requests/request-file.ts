import { z } from "zod";
import { isImageReference } from "../image-reference.ts";

/** What an operator asks of the supervisor, as it lies in a file: written by the CLI or the console, read by the supervisor. */

export const MAX_REQUEST_BYTES = 4096;

const asked = {
  /** "node@server": shown to people, so without what a terminal would obey. */
  by: z.string().regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u),
  from: z.enum(["cli", "console"]),
};
const reference = z.string().refine(isImageReference);
/** "sha256:…"; of a host's own program, "sources:…". */
const imageId = z.string().regex(/^[a-z0-9]{1,32}:[\w.-]{1,128}$/);

const wish = <const Type extends string>(type: Type) =>
  z.strictObject({ type: z.literal(type), payload: z.strictObject(asked) });

const requestSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("deploy.requested"), payload: z.strictObject({ ...asked, revision: reference }) }),
  z.strictObject({
    type: z.literal("rollback.requested"),
    payload: z.strictObject({ ...asked, revision: reference.nullable(), image_id: imageId.exactOptional() }),
  }),
  wish("stop.requested"),
  wish("start.requested"),
  wish("hold.requested"),
  wish("unhold.requested"),
  wish("cancel.requested"),
]);

export type OperatorRequest = Readonly<z.infer<typeof requestSchema>>;
export type OperatorRequestType = OperatorRequest["type"];

/** "deploy", "stop", …: what a request asks for, in a word. */
export type WishWord = OperatorRequestType extends `${infer Word}.requested` ? Word : never;

export const WISH_WORDS = [
  "deploy",
  "rollback",
  "stop",
  "start",
  "hold",
  "unhold",
  "cancel",
] as const satisfies readonly WishWord[];

export function wishWordOf(type: OperatorRequestType): WishWord {
  return type.replace(".requested", "") as WishWord; // each of the types ends in it
}

interface NoRequest {
  readonly problem: string;
}

/** The request in a file's text, or what is wrong with the text. Nothing of the text is in the problem. */
export function parseRequest(text: string): OperatorRequest | NoRequest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: "it is no JSON" }; // whose text is not to be repeated
  }
  return asRequest(value);
}

/** The same of a value that somebody has put together. */
export function asRequest(value: unknown): OperatorRequest | NoRequest {
  const parsed = requestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const places = new Set(parsed.error.issues.map(({ path }) => path.map(String).join(".") || "the whole"));
  return { problem: `it is no request that this supervisor knows (wrong: ${[...places].slice(0, 5).join(", ")})` };
}
