import { PassThrough } from "node:stream";
import type { WriteStream } from "node:tty";
import { expect, test } from "@jest/globals";
import { createOutput } from "./output.ts";
import { columns } from "./text/columns.ts";

/** A terminal with colours, which remembers what it was sent. */
function terminal() {
  const stream = Object.assign(new PassThrough(), { isTTY: true, getColorDepth: () => 24, hasColors: () => true });
  const sent = () => String(stream.read() ?? "");
  return { stream: stream as unknown as WriteStream, sent };
}

function outputOnTerminals() {
  const [stdout, stderr] = [terminal(), terminal()];
  return { output: createOutput({ stdout: stdout.stream, stderr: stderr.stream }), stdout, stderr };
}

test("what stands in a line is shown, and its end is no end of a line", async () => {
  const { output, stdout, stderr } = outputOnTerminals();
  await output.print("\u001b[31mred\u001b[39m\u0007", "a\nb\u009b\u202e");
  output.note("\u001b]0;title\u0007\nforged");
  expect(stdout.sent()).toBe("\\u001b[31mred\\u001b[39m\\u0007\na\\u000ab\\u009b\\u202e\n");
  expect(stderr.sent()).toBe("\\u001b]0;title\\u0007\\u000aforged\n");
});

test("our colours stay, also around what would steer the terminal", async () => {
  const { output, stdout } = outputOnTerminals();
  await output.print(`${output.paint("red", "a\u001b[32mb")} c`);
  expect(stdout.sent()).toBe("\u001b[31ma\\u001b[32mb\u001b[39m c\n");
});

test("our colours take no room in columns", async () => {
  const { output, stdout } = outputOnTerminals();
  await output.print(
    ...columns([
      [output.paint("bold", "a"), "x"],
      ["bcd", "y"],
    ]),
  );
  expect(stdout.sent()).toBe("\u001b[1ma\u001b[22m    x\nbcd  y\n");
});

test("a colour of ours cannot be copied from one process to the next", async () => {
  const { output, stdout } = outputOnTerminals();
  await output.print(outputOnTerminals().output.paint("red", "a"));
  expect(stdout.sent()).toMatch(/^\\u001b\[31;\d{4};\d{4};\d{4};\d{4}ma\\u001b\[39/);
});
