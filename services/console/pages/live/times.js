/** Moments in the words of a person, renewed as time goes on. */

const STEPS = [
  [60, 1, "s"],
  [3_600, 60, "min"],
  [86_400, 3_600, "h"],
  [Infinity, 86_400, "d"],
];
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

const FORMS = {
  ago: (at) => (Date.now() - at < 1_000 ? "just now" : `${span(at)} ago`),
  for: (at) => `for ${span(at)}`,
  at: (at) => full.format(at),
};

/** @param root the element inside which every moment is told */
export function tellTimes(root) {
  for (const time of root.querySelectorAll("time[data-form]")) {
    const at = new Date(time.dateTime);
    const told = FORMS[time.dataset.form](at);
    if (time.textContent !== told) time.textContent = told;
    if (time.dataset.form !== "at") time.title = full.format(at);
  }
}

function span(at) {
  const seconds = Math.max(0, Math.floor((Date.now() - at) / 1_000));
  const [, size, unit] = STEPS.find(([limit]) => seconds < limit);
  return `${Math.floor(seconds / size)} ${unit}`;
}
