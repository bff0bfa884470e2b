/** As live-page.js does: whenever the log grows, the page is fetched again, with a rest that grows with what it took. */
const REST_MS = 80;
const REST_SHARE = 4;

/** A console's page in a browser that shows nothing. Resolves once it hears of what is new, with what closes it. */
export async function openPage(url: string, path: string): Promise<() => Promise<void>> {
  const leaving = new AbortController();
  const page = { isStale: false, isBusy: false };
  const stream = await fetch(`${url}/events`, { signal: leaving.signal });
  const reading = stream.body?.pipeTo(new WritableStream({ write: noteChange })).catch(unlessClosed);
  return async () => {
    leaving.abort();
    await reading;
  };

  function noteChange(): void {
    page.isStale = true;
    if (!page.isBusy) void renew();
  }

  async function renew(): Promise<void> {
    Object.assign(page, { isStale: false, isBusy: true });
    const began = performance.now();
    await fetch(url + path, { signal: leaving.signal }).then((answer) => answer.text(), unlessClosed);
    setTimeout(goOn, Math.max(REST_MS, REST_SHARE * (performance.now() - began)));
  }

  function unlessClosed(error: unknown): void {
    if (!leaving.signal.aborted) throw error;
  }

  function goOn(): void {
    page.isBusy = false;
    if (page.isStale && !leaving.signal.aborted) void renew();
  }
}
