import { z } from "zod";

const message = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool", "function"]),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]).nullish(),
});

const tool = z.looseObject({
  function: z.looseObject({
    name: z.string(),
    parameters: z
      .looseObject({ properties: z.record(z.string(), z.looseObject({ type: z.unknown() })).optional() })
      .optional(),
  }),
});

/** What is read of a chat completion request; the rest of it changes no answer here. */
export const chatRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(tool).optional(),
});

export type ChatRequest = Readonly<z.infer<typeof chatRequest>>;
export type ChatMessage = ChatRequest["messages"][number];
export type OfferedTool = Readonly<z.infer<typeof tool>>;
