import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** The frame of every page. What is put into it is escaped, unless it is itself `html`. */
export function layout(page: { title: string; styles: readonly string[]; head?: Html; body: Html }): Html {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
  <meta name="color-scheme" content="light dark">
  <title>${page.title}</title>
  <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
  ${["theme.css", ...page.styles].map((name) => html`<link rel="stylesheet" href="/assets/${name}">`)}
  ${page.head ?? ""}
</head>
${page.body}
</html>
`;
}
