import { element } from "./message-view.js";

/** The bot's commands, above the input, while a person begins to write one. */
export function createCommandHints({ list, fetchCommands, onChoose }) {
  let commands = [];
  let isAsked = false;

  async function ask() {
    isAsked = true;
    commands = await fetchCommands().catch(() => []); // a hint less; sending will tell what is wrong
  }

  function show(matching) {
    list.replaceChildren(...matching.map((command) => row(command)));
    list.hidden = matching.length === 0;
  }

  function row({ command, description }) {
    const button = element("button");
    button.type = "button";
    button.append(element("b", "", `/${command}`), element("span", "", description));
    button.addEventListener("click", () => onChoose(`/${command}`));
    const item = element("li");
    item.append(button);
    return item;
  }

  return {
    /** The command that the Tab key completes to, or null. */
    get first() {
      return list.querySelector("b")?.textContent ?? null;
    },
    hide: () => show([]),
    /** @param written what stands in the input, asked for again once the commands are there */
    async follow(written) {
      const begun = () => /^\/(\w*)$/.exec(written())?.[1];
      if (begun() === undefined) isAsked = false;
      else if (!isAsked) await ask();
      show(commands.filter(({ command }) => begun() !== undefined && command.startsWith(begun())));
    },
  };
}
