/** A line of what the engine says while it pulls, as far as we read it. */
export interface PullLine {
  readonly id?: string;
  readonly status?: string;
  readonly error?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

interface LayerBytes {
  readonly current: number;
  readonly total: number;
}

const MB = 1_000_000;

/** Adds up what has come of an image's layers; a layer counts from the moment its size is known. */
export function createPullProgress() {
  const layers = new Map<string, LayerBytes>();
  return {
    add({ id, status, progressDetail }: PullLine): void {
      if (id === undefined) return;
      const { current, total } = progressDetail ?? {};
      if (status === "Downloading" && current !== undefined && total) layers.set(id, { current, total });
      const known = layers.get(id);
      if (status === "Download complete" && known) layers.set(id, { ...known, current: known.total });
    },
    /** "40 of 120 MB"; null before anything is known. */
    text(): string | null {
      if (layers.size === 0) return null;
      const sum = (of: keyof LayerBytes) => [...layers.values()].reduce((bytes, layer) => bytes + layer[of], 0);
      return `${Math.floor(sum("current") / MB)} of ${Math.ceil(sum("total") / MB)} MB`;
    },
  };
}
