import { type Answer, parseAnswer, type Question, type Scribe } from "./scribe.ts";
import { createScribeTasks } from "./scribe-tasks.ts";

export type Death = "before" | "after" | null;

export interface FakeScribe extends Scribe {
  /** Whether it dies over a question, before or after it has done what it was asked; it lives unless set. */
  deathOver: (question: Question) => Death;
  readonly asked: Question[];
  close(): void;
}

/** For tests: the scribe's work on a real file, done in this process. Its death loses the answer, and what it had open. */
export function createFakeScribe(path: string): FakeScribe {
  let tasks = createScribeTasks(path);
  const scribe: FakeScribe = {
    deathOver: () => null,
    asked: [],
    async ask<K extends Question["kind"]>(question: Question & { readonly kind: K }): Promise<Answer<K> | null> {
      scribe.asked.push(question);
      const death = scribe.deathOver(question);
      const answer = death === "before" ? null : tasks.answer(JSON.parse(JSON.stringify(question)));
      if (death === null) return parseAnswer(question.kind as K, JSON.parse(JSON.stringify(answer)));
      tasks.close();
      tasks = createScribeTasks(path);
      return null;
    },
    onNews: () => {},
    close: () => tasks.close(),
  };
  return scribe;
}
