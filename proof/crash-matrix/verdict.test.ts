import { expect, test } from "@jest/globals";
import { answerTo, marksIn, question, questionIn } from "./numbered.ts";
import { judge } from "./verdict.ts";

const asked = (number: number, uncertain = 0) => ({ number, uncertain });
const said = (text: string, chatId = 1) => ({ chatId, text });
const answer = (number: number) => said(answerTo(number, "plain"));
const [first = "", second = "", ...rest] = answerTo(7, "long").split("\n\n");

test("a question is known again inside whatever it is wrapped in, and so is its answer", () => {
  expect(questionIn(`[12:00] ${question(12, "long")}\n`)).toEqual({ number: 12, kind: "long" });
  expect(marksIn(answerTo(12, "plain"))).toEqual([{ number: 12, paragraph: 1, of: 1 }]);
});

test("answers that come once and in order are no cause for complaint, in whatever order the chats stand", () => {
  const verdict = judge([asked(1), asked(2), asked(3)], [answer(1), answer(3), { ...answer(2), chatId: 2 }]);
  expect(verdict).toEqual({ answered: 3, lost: [], twice: [], unmarked: [], outOfOrder: [] });
});

test("an answer that does not come is lost, and so is one of which a part is missing", () => {
  expect(judge([asked(1), asked(7)], [said(first), ...rest.map((text) => said(text))]).lost).toEqual([1, 7]);
});

test("a second copy is to be marked in the log, and as often as there are copies", () => {
  const twice = [answer(1), answer(1)];
  expect(judge([asked(1, 1)], twice)).toMatchObject({ twice: [1], unmarked: [] });
  expect(judge([asked(1, 0)], twice)).toMatchObject({ twice: [1], unmarked: [1] });
  expect(judge([asked(1, 1)], [...twice, answer(1)])).toMatchObject({ twice: [1], unmarked: [1] });
});

test("a part that comes twice is one copy, however many paragraphs it has", () => {
  const part = said(`${first}\n\n${second}`);
  expect(judge([asked(7, 1)], [part, part, said(rest.join("\n\n"))])).toMatchObject({
    answered: 1,
    twice: [7],
    unmarked: [],
    outOfOrder: [],
  });
});

test("a later question's answer first, or a later paragraph, is out of order", () => {
  expect(judge([asked(1), asked(2)], [answer(2), answer(1)]).outOfOrder).toEqual([1]);
  expect(judge([asked(7)], [said(second), said(first), said(rest.join("\n\n"))]).outOfOrder).toEqual([7]);
});
