import { html } from "hono/html";
import { type Html, layout } from "./layout.ts";
import { navigation } from "./navigation.ts";

/** A page that cannot be had, and why, with the way to all the others. */
export function problemPage(title: string, why: string): Html {
  return layout({
    title: `${title} · Lastgood`,
    styles: ["page.css", "controls.css"],
    body: html`<body class="page">
  ${navigation(null)}
  <main>
    <h1>${title}</h1>
    <p>${why}</p>
    <p class="actions confirm"><a class="button" href="/">What runs now</a></p>
  </main>
</body>`,
  });
}
