import { syncChildren } from "./sync-nodes.js";
import { tellTimes } from "./times.js";

/** Keeps the page as the log is: whenever that grows, the page is fetched again and what differs is taken over. */

/** Between two looks, so that a busy agent does not keep the console busy: below what a person notices. */
const REST_MS = 80;
/** A slow page rests longer, so that it takes at most a fifth of the time. */
const REST_SHARE = 4;
const CONNECTION = {
  open: "",
  lost: "The console cannot be reached. Trying again…",
  refused: "This page is no longer open to you. Reload it.",
};

const main = document.getElementById("main");
const { after, renewSeconds } = document.body.dataset;
let isStale = false;
let isBusy = false;
let isLeft = false;

tellTimes(document);
setInterval(() => tellTimes(document), 1_000);
if (renewSeconds !== "") setInterval(noteChange, Number(renewSeconds) * 1_000);
document.addEventListener("visibilitychange", renew);
// What was asked for is done before the next page is here: a question that it has answered is not asked for again.
document.addEventListener("submit", () => {
  isLeft = true;
});
follow();

function follow() {
  const stream = new EventSource(after === "" ? "/events" : `/events?after=${after}`);
  stream.onmessage = noteChange;
  stream.addEventListener("changed", noteChange);
  stream.onopen = () => showConnection("open");
  stream.onerror = () => showConnection(stream.readyState === EventSource.CLOSED ? "refused" : "lost");
}

function noteChange() {
  isStale = true;
  renew();
}

async function renew() {
  if (!isStale || isBusy || isLeft || document.hidden) return;
  isStale = false;
  isBusy = true;
  const began = performance.now();
  await takeOver().catch(() => undefined); // the stream is lost too, and once it is back it brings another look
  setTimeout(goOn, Math.max(REST_MS, REST_SHARE * (performance.now() - began)));
}

function goOn() {
  isBusy = false;
  renew();
}

/** What comes is the server's own page, in which every text is escaped; parsed like this, no script in it runs. */
async function takeOver() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (response.status >= 500) throw new Error("the console failed");
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const content = fresh.getElementById("main");
  if (content === null) return; // signed out meanwhile: the stream says so
  // A default is for who opens the page: taken over, it would change what its reader sees chosen.
  for (const input of content.querySelectorAll("[checked]")) input.removeAttribute("checked");
  syncChildren(main, content);
  tellTimes(main);
  document.dispatchEvent(new CustomEvent("renewed"));
}

function showConnection(now) {
  const connection = document.getElementById("connection");
  connection.textContent = CONNECTION[now];
  connection.hidden = CONNECTION[now] === "";
}
