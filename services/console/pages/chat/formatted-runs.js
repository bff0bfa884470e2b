/**
 * A text and its entities as a tree: strings, and `{ entity, children }` for what an entity covers. Joined, the strings
 * are the text, unchanged. Of entities that overlap without being nested, the later is cut at the earlier one's end.
 */
export function formattedRuns(text, entities = []) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return runsWithin(text, sorted, 0, text.length);
}

function runsWithin(text, entities, start, end) {
  const runs = [];
  let at = start;
  for (const [index, entity] of entities.entries()) {
    const entityEnd = Math.min(entity.offset + entity.length, end);
    if (entity.offset < at || entityEnd <= at) continue;
    if (entity.offset > at) runs.push(text.slice(at, entity.offset));
    const within = entities.slice(index + 1).filter((other) => other.offset < entityEnd);
    runs.push({ entity, children: runsWithin(text, within, entity.offset, entityEnd) });
    at = entityEnd;
  }
  if (at < end) runs.push(text.slice(at, end));
  return runs;
}

/** The address of a link, or null when it is not one that a click should follow. */
export function linkAddress(entity, coveredText) {
  const address = entity.type === "text_link" ? entity.url : entity.type === "url" ? coveredText : "";
  return /^https?:\/\//i.test(address ?? "") ? address : null;
}
