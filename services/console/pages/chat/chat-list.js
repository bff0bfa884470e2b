import { dayText, element, timeText } from "./message-view.js";

/** The chats at the side, and the same as a select for narrow screens. */
export function createChatList({ list, select }, onChoose) {
  select.addEventListener("change", () => onChoose(Number(select.value)));

  return {
    show(chats, current) {
      list.replaceChildren(...chats.map((chat) => row(chat, chat.chat_id === current)));
      select.replaceChildren(...chats.map((chat) => new Option(titleOf(chat), chat.chat_id)));
      select.value = String(current ?? "");
      select.hidden = chats.length === 0;
    },
  };

  function row(chat, isCurrent) {
    const link = element("a");
    link.href = `/chat?chat=${chat.chat_id}`;
    if (isCurrent) link.setAttribute("aria-current", "page");
    const title = element("span", "title", titleOf(chat));
    title.dir = "auto";
    const preview = element("span", "preview", chat.last_text ?? "No messages yet");
    preview.dir = "auto";
    link.append(title, element("span", "when", when(chat.last_date)), preview);
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      onChoose(chat.chat_id);
    });
    const item = element("li");
    item.append(link);
    return item;
  }
}

function titleOf(chat) {
  return chat.title ?? "New chat";
}

function when(seconds) {
  const day = dayText(seconds);
  return day === "Today" ? timeText(seconds) : day;
}
