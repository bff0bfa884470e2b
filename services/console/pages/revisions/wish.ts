/** What an operator can ask of the supervisor here, and what it means. */
export const WISHES = {
  deploy: { button: "Deploy", means: "The running worker is stopped, and this image is put on probation." },
  rollback: {
    button: "Roll back",
    means: "The running worker is stopped, and a good image from before runs again, without a check.",
  },
  cancel: {
    button: "Cancel the deploy",
    means: "The deploy that is not decided yet ends, and what ran before runs on, or runs again.",
  },
  stop: { button: "Stop", means: "Nothing runs from now on, through every restart, until somebody starts it." },
  start: { button: "Start", means: "The agent runs again." },
  hold: { button: "Hold", means: "The supervisor does nothing by itself any more, until somebody ends the hold." },
  unhold: { button: "End the hold", means: "The supervisor acts by itself again." },
} as const;

export type Wish = keyof typeof WISHES;

export function isWish(name: string): name is Wish {
  return Object.hasOwn(WISHES, name);
}
