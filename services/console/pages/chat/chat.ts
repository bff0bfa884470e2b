import { html } from "hono/html";
import { LONGEST_TEXT } from "../../local/telegram/formatted-text.ts";
import { type Html, layout } from "../layout.ts";
import { navigation } from "../navigation.ts";

/** So much can be pasted: it is too long, and says so, but a megabyte in the input would hold up the page for minutes. */
const MOST_TAKEN = 4 * LONGEST_TEXT;

/** The chat page without its chats: chat.js fetches those, and puts every text in as text. */
export function chatPage(bot: { readonly first_name: string }): Html {
  return layout({
    title: "Chat · Lastgood",
    styles: ["chat/chat.css", "chat/messages.css", "chat/composer.css", "chat/chat-states.css"],
    head: html`<script type="module" src="/assets/chat/chat.js"></script>`,
    body: html`<body class="chat" data-longest-text="${LONGEST_TEXT}" data-bot="${bot.first_name}">
  ${navigation("/chat")}
  <aside class="side" aria-label="Chats">
    <button class="new-chat" type="button" data-new-chat>${plus()} New chat</button>
    <nav aria-label="Your chats"><ul id="chat-list"></ul></nav>
  </aside>
  <main>
    <header class="top">
      <div class="who">
        <h1>${bot.first_name}</h1>
        <p id="presence" class="presence" role="status"></p>
      </div>
      <label class="visually-hidden" for="chat-select">Chat</label>
      <select id="chat-select"></select>
      <button class="new-chat icon" type="button" data-new-chat aria-label="New chat">${plus()}</button>
    </header>
    <p id="status" class="status" role="status" hidden></p>
    <div class="conversation">
      <div id="log" class="log" role="log" aria-live="polite" aria-label="Messages" tabindex="0">
        <section id="empty" class="empty" hidden>
          <img src="/assets/icon.svg" alt="" width="44" height="44">
          <h2>Write to the agent</h2>
          <p>Type a message below and press Enter. The agent answers here, with the very code it runs on Telegram.</p>
          <p class="suggestions">
            <button type="button" data-suggestion>Hello!</button>
            <button type="button" data-suggestion>help</button>
          </p>
        </section>
        <button id="earlier" class="quiet" type="button" hidden>Earlier messages</button>
        <ol id="messages" class="messages"></ol>
        <p id="typing" class="typing" hidden><span></span><span></span><span></span></p>
      </div>
      <button id="latest" class="latest" type="button" hidden>Latest messages ↓</button>
      <p id="notice" class="notice" role="status" hidden dir="auto"></p>
    </div>
    <form id="composer" class="composer" autocomplete="off">
      <ul id="commands" class="commands" aria-label="Commands" hidden></ul>
      <p id="problem" class="problem" role="alert" hidden></p>
      <div id="replying" class="replying" hidden>
        <p id="replied" class="quoted" dir="auto"></p>
        <button id="stop-replying" type="button" aria-label="Do not reply to this">${cross()}</button>
      </div>
      <label class="visually-hidden" for="text">Message</label>
      <textarea id="text" rows="1" dir="auto" placeholder="Message" enterkeyhint="send" autofocus
        maxlength="${MOST_TAKEN}"
        aria-describedby="problem keys"></textarea>
      <button class="primary send" type="submit" aria-label="Send">${arrow()}</button>
      <p id="keys" class="visually-hidden">
        Enter sends, Shift and Enter makes a new line. After a slash, Tab completes a command.
      </p>
    </form>
    <noscript><p class="status">This page needs JavaScript.</p></noscript>
  </main>
</body>`,
  });
}

function plus(): Html {
  return html`<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M8 3v10M3 8h10"/></svg>`;
}

function cross(): Html {
  return html`<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path d="m4 4 8 8M12 4l-8 8"/></svg>`;
}

function arrow(): Html {
  return html`<svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true"><path d="M8 13V3M3.5 7.5 8 3l4.5 4.5"/></svg>`;
}
