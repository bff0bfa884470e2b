/**
 * Makes the children of `present` those of `wanted`, and touches only what differs: focus, selection, what is scrolled,
 * written, chosen or unfolded stays. What has an id is known by it, also when something came or went before it.
 */
export function syncChildren(present, wanted) {
  removeGone(present, wanted);
  let at = present.firstChild;
  for (const child of [...wanted.childNodes]) {
    const known = knownChild(present, at, child);
    if (known === null) {
      present.insertBefore(document.importNode(child, true), at);
      continue;
    }
    if (known === at) at = at.nextSibling;
    else present.insertBefore(known, at);
    syncNode(known, child);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** First of all: what stays would be moved to before it, and what is moved loses the focus. */
function removeGone(present, wanted) {
  const ids = new Set(Array.from(wanted.children, ({ id }) => id));
  for (const child of [...present.children]) if (child.id && !ids.has(child.id)) child.remove();
}

function knownChild(present, at, child) {
  if (child.id)
    return [...present.children].find(({ id, tagName }) => id === child.id && tagName === child.tagName) ?? null;
  return at !== null && at.nodeType === child.nodeType && at.tagName === child.tagName && !at.id ? at : null;
}

function syncNode(present, wanted) {
  if (present.isEqualNode(wanted)) return;
  if (present.nodeType !== Node.ELEMENT_NODE) {
    present.nodeValue = wanted.nodeValue;
    return;
  }
  for (const { name, value } of wanted.attributes) {
    if (present.getAttribute(name) !== value) present.setAttribute(name, value);
  }
  for (const { name } of [...present.attributes]) {
    if (!wanted.hasAttribute(name) && !KEPT.has(name)) present.removeAttribute(name);
  }
  if (!present.hasAttribute("data-drawn")) syncChildren(present, wanted);
}

/** The reader's own doing, or a script's. */
const KEPT = new Set(["checked", "open", "title"]);
