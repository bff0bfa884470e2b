/** A text of several Telegram messages, with all that Markdown brings: it shows how an answer streams, and where it is split. */
export function longText(about: string): string {
  const parts = Array.from({ length: PARTS }, (_, index) => part(about, index + 1));
  return `# On ${about}\n\n${parts.join("\n\n")}`;
}

/** Some 6,000 characters: two messages. */
const PARTS = 12;

function part(about: string, number: number): string {
  const sentence = (n: number) => `This is sentence ${number}.${n} on ${about}, **bold** here and _slanted_ there.`;
  return `## Part ${number}

${[1, 2, 3, 4].map(sentence).join(" ")}

- a first point, with \`code\` in it
- a second point, with [a link](https://example.com/${number})

\`\`\`js
function part${number}() {
  // line one of the code of part ${number}
  return [${[1, 2, 3].map((n) => number * n).join(", ")}].map((n) => n * 2);
}
\`\`\`

> What is said on ${about} in part ${number} ends here.`;
}
