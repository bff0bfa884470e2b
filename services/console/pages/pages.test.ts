import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@jest/globals";
import { signInPage } from "./sign-in.ts";

const { formattedRuns, linkAddress } = await import(
  pathToFileURL(join(import.meta.dirname, "chat/formatted-runs.js")).href
);

const HOSTILE = `<img src=x onerror="alert(1)"><script>alert(2)</script>&lt;`;

test("hostile markup in a message is a string like any other", () => {
  expect(formattedRuns(HOSTILE)).toEqual([HOSTILE]);
  expect(formattedRuns(HOSTILE, [{ type: "bold", offset: 0, length: 4 }])).toEqual([
    { entity: { type: "bold", offset: 0, length: 4 }, children: ["<img"] },
    HOSTILE.slice(4),
  ]);
});

test("no script of the page has a way to turn a string into markup or code", () => {
  const scripts = scriptsBeside("live-page.js");
  expect(scripts.length).toBeGreaterThan(3);
  const ways =
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|DOMParser|createContextualFragment|\beval\(|Function\(/;
  for (const name of scripts) expect(readFileSync(join(import.meta.dirname, name), "utf8")).not.toMatch(ways);
});

test("what the server puts into a page is escaped", async () => {
  expect(String(await signInPage(HOSTILE))).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&lt;script&gt;");
});

test("entities nest, and one that reaches beyond another is cut, with no character lost", () => {
  const bold = { type: "bold", offset: 0, length: 6 };
  const italic = { type: "italic", offset: 2, length: 2 };
  const over = { type: "code", offset: 4, length: 10 };
  const runs = formattedRuns("abcdefghij", [over, italic, bold]);
  expect(joined(runs)).toBe("abcdefghij");
  expect(runs[0]).toEqual({
    entity: bold,
    children: ["ab", { entity: italic, children: ["cd"] }, { entity: over, children: ["ef"] }],
  });
});

test("only web addresses become links", () => {
  const link = (url: string) => linkAddress({ type: "text_link", url }, "here");
  expect(link("https://a.example")).toBe("https://a.example");
  for (const url of ["javascript:alert(1)", "data:text/html,x", " https://a.example", ""]) expect(link(url)).toBeNull();
  expect(linkAddress({ type: "url" }, "https://a.example")).toBe("https://a.example");
  expect(linkAddress({ type: "bold" }, "https://a.example")).toBeNull();
});

test("the one script that parses markup parses the server's own page, and nothing else", () => {
  const script = readFileSync(join(import.meta.dirname, "live/live-page.js"), "utf8");
  expect(script.match(/DOMParser|fetch\(.*?,/g)).toEqual(["fetch(location.href,", "DOMParser"]);
});

function scriptsBeside(exception: string): string[] {
  const names = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".js") && !name.endsWith(exception));
}

type Run = string | { children: Run[] };
function joined(runs: Run[]): string {
  return runs.map((run) => (typeof run === "string" ? run : joined(run.children))).join("");
}
