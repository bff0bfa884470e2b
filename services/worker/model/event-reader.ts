/** One event of a text/event-stream. */
export interface ServerSentEvent {
  readonly name: string;
  readonly data: string;
}

export interface EventReader {
  /** The events that are whole now. */
  read(text: string): readonly ServerSentEvent[];
  /** The last one, which some servers leave without its blank line. */
  end(): readonly ServerSentEvent[];
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html: comments, which keep a line alive, are passed over. */
export function createEventReader(): EventReader {
  let unfinishedLine: string[] = [];
  let name = "";
  let data: string[] = [];

  function read(text: string): readonly ServerSentEvent[] {
    const [first = "", ...more] = text.split("\n");
    unfinishedLine.push(first);
    const last = more.pop();
    if (last === undefined) return [];
    const lines = [unfinishedLine.join(""), ...more];
    unfinishedLine = [last];
    return lines.flatMap((line) => takeLine(line.endsWith("\r") ? line.slice(0, -1) : line));
  }

  function takeLine(line: string): readonly ServerSentEvent[] {
    if (line === "") return takeEvent();
    const colon = line.includes(":") ? line.indexOf(":") : line.length;
    const field = line.slice(0, colon);
    const value = line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") data.push(value);
    if (field === "event") name = value;
    return [];
  }

  function takeEvent(): readonly ServerSentEvent[] {
    const events = data.length > 0 ? [{ name, data: data.join("\n") }] : [];
    name = "";
    data = [];
    return events;
  }

  return { read, end: () => read("\n\n") };
}
