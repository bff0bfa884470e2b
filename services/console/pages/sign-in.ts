import { html } from "hono/html";
import { type Html, layout } from "./layout.ts";

/** Asks for the token. @param problem what was wrong with the one given, or null */
export function signInPage(problem: string | null): Html {
  return layout({
    title: "Sign in · Lastgood",
    styles: ["sign-in.css"],
    body: html`<body class="sign-in">
  <main>
    <h1>Sign in</h1>
    <p>This console asks for the token that was set as <code>CONSOLE_TOKEN</code>.</p>
    <form method="post" action="/sign-in">
      <label for="token">Token</label>
      <input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
      ${problem === null ? "" : html`<p class="problem" role="alert">${problem}</p>`}
      <button class="primary" type="submit">Sign in</button>
    </form>
  </main>
</body>`,
  });
}
