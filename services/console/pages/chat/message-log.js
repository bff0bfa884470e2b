import { dayText, messageView } from "./message-view.js";

/** Closer to the end than this, the reader follows the chat; further up, they read, and are not moved. */
const FOLLOWING_PIXELS = 120;

/** The messages of one chat on the page, in order of their ids whatever order they come in. */
export function createMessageLog({ log, list, latestButton }, handlers) {
  const items = new Map();
  let isFollowing = true;

  const toEnd = () => {
    log.scrollTop = log.scrollHeight;
  };
  log.addEventListener("scroll", () => {
    isFollowing = log.scrollHeight - log.scrollTop - log.clientHeight < FOLLOWING_PIXELS;
    if (isFollowing) latestButton.hidden = true;
  });
  latestButton.addEventListener("click", toEnd);
  new ResizeObserver(() => isFollowing && toEnd()).observe(log);

  function put(message) {
    const item = messageView(message, handlers);
    item.dataset.id = message.message_id;
    item.dataset.date = message.date;
    const old = items.get(message.message_id);
    items.set(message.message_id, item);
    if (old) old.replaceWith(item);
    else list.insertBefore(item, firstAfter(message.message_id));
    markDay(item);
    markDay(item.nextElementSibling);
  }

  function firstAfter(messageId) {
    let next = null;
    for (
      let item = list.lastElementChild;
      item && Number(item.dataset.id) > messageId;
      item = item.previousElementSibling
    ) {
      next = item;
    }
    return next;
  }

  /** A day is named above its first message. */
  function markDay(item) {
    if (!item) return;
    const day = dayText(Number(item.dataset.date));
    const before = item.previousElementSibling;
    if (before && dayText(Number(before.dataset.date)) === day) delete item.dataset.day;
    else item.dataset.day = day;
  }

  return {
    get isEmpty() {
      return items.size === 0;
    },
    get firstId() {
      return Math.min(...items.keys());
    },
    clear() {
      items.clear();
      list.replaceChildren();
      latestButton.hidden = true;
      isFollowing = true;
    },
    /** New and edited messages, as they come. */
    show(messages) {
      const isNew = messages.some((message) => !items.has(message.message_id));
      for (const message of messages) put(message);
      if (isFollowing || messages.at(-1)?.from.is_bot === false) toEnd();
      else if (isNew) latestButton.hidden = false;
    },
    remove(messageId) {
      const item = items.get(messageId);
      if (!item) return;
      const next = item.nextElementSibling;
      item.remove();
      items.delete(messageId);
      markDay(next);
    },
    /** Older messages, above; what is in view stays where it is. */
    showEarlier(messages) {
      const fromEnd = log.scrollHeight - log.scrollTop;
      for (const message of messages) put(message);
      log.scrollTop = log.scrollHeight - fromEnd;
    },
    stayAtEnd() {
      if (isFollowing) toEnd();
    },
  };
}
