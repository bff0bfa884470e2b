import UPlot from "../uplot/dist/uPlot.esm.js";

/** Draws what the page has in data-plot (see plots.ts), anew whenever that, the width or the theme changes. */

const HEIGHT = 180;
/** A budget line further above the bars than this is told by its name alone. */
const MOST_ABOVE = 4;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const drawn = new WeakMap();

drawAll();
document.addEventListener("renewed", drawAll);
new ResizeObserver(drawAll).observe(document.getElementById("main"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);

function drawAll() {
  for (const place of document.querySelectorAll(".plot")) {
    const colours = coloursOf(place);
    const state = `${place.dataset.plot} ${place.clientWidth} ${colours.join()}`;
    if (drawn.get(place) === state) continue;
    drawn.set(place, state);
    place.replaceChildren();
    draw(place, JSON.parse(place.dataset.plot), colours);
  }
}

/** As a canvas takes them: the style sheet's own depend on the theme. */
function coloursOf(place) {
  const probe = document.createElement("span");
  place.after(probe);
  const colours = ["ink", "line", "1", "2", "3", "4", "5", "6"].map((name) => {
    probe.style.color = `var(--plot-${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return colours;
}

function draw(place, { days, unit, bars, lines }, [ink, grid, ...palette]) {
  const times = days.map((day) => Date.parse(day) / 1_000);
  const stacked = bars.map((_, index) => times.map((_, at) => sum(bars.slice(index).map(({ values }) => values[at]))));
  const colour = (index) => palette[index % palette.length];
  const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: "12px system-ui" };
  const options = {
    width: place.clientWidth,
    height: HEIGHT,
    cursor: { show: false },
    legend: { live: false },
    tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC"),
    scales: {
      x: { range: (_plot, first, last) => [first - 43_200, last + 43_200] },
      y: { range: upTo(bars.length > 0 ? stacked : lines.map(({ values }) => values), lines) },
    },
    axes: [
      { ...axis, size: 30, grid: { show: false }, values: (_plot, splits) => splits.map(dayText) },
      { ...axis, size: 56, values: (_plot, splits) => splits.map((value) => amountText(value, unit)) },
    ],
    series: [
      { label: "day" },
      ...bars.map(({ name }, index) => ({
        label: name,
        fill: colour(index),
        stroke: colour(index),
        width: 0,
        points: { show: false },
        paths: UPlot.paths.bars({ size: [0.7, 40] }),
      })),
      ...lines.map(({ name }, index) => ({
        label: name,
        stroke: colour(bars.length + index),
        width: 2,
        spanGaps: true,
        dash: name.startsWith("budget") ? [6, 4] : [],
        points: { show: !name.startsWith("budget"), size: 5 },
      })),
    ],
  };
  new UPlot(options, [times, ...stacked, ...lines.map(({ values }) => values)], place);
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

/** From zero to above the highest; a budget far above what was spent is left out, or it would press that flat. */
function upTo(series, lines) {
  const highest = Math.max(0, ...series.flat());
  const line = Math.max(0, ...lines.flatMap(({ values }) => values));
  const top = line <= highest * MOST_ABOVE ? Math.max(highest, line) : highest;
  return [0, (top || line || 1) * 1.1];
}

function dayText(seconds) {
  const day = new Date(seconds * 1_000);
  return `${day.getUTCDate()} ${MONTHS[day.getUTCMonth()]}`;
}

function amountText(value, unit) {
  if (unit === "$") return `$${value < 1 && value > 0 ? value.toFixed(2) : value}`;
  if (unit === "s") return `${value} s`;
  return value >= 1e6 ? `${value / 1e6} M` : value >= 1e3 ? `${value / 1e3} k` : String(value);
}
