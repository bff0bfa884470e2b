import { html } from "hono/html";
import { type Html, layout } from "./layout.ts";
import { navigation, type Place } from "./navigation.ts";

/**
 * A page over the log. It renews its own content when the log grows: live-page.js fetches it again and takes over what
 * differs inside `main`.
 * @param page after: the newest event that it shows; null before there is a log
 */
export function statePage(page: {
  title: string;
  place: Place;
  after: number | null;
  /** For what is not in the log: how often the page renews itself all the same. */
  renewSeconds?: number;
  styles?: readonly string[];
  head?: Html;
  content: Html;
}): Html {
  return layout({
    title: `${page.title} · Lastgood`,
    styles: ["page.css", "controls.css", ...(page.styles ?? [])],
    head: html`<script type="module" src="/assets/live/live-page.js"></script>${page.head ?? ""}`,
    body: html`<body class="page" data-after="${page.after ?? ""}" data-renew-seconds="${page.renewSeconds ?? ""}">
  <a class="skip" href="#main">To the content</a>
  ${navigation(page.place)}
  <p id="connection" class="connection" role="status" hidden></p>
  <main id="main" tabindex="-1">
    <h1>${page.title}</h1>
    ${page.content}
  </main>
</body>`,
  });
}
