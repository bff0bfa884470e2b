import { goodRevisions, isQuarantined, wantedRevision } from "../../../shared/state.ts";
import type { Command } from "./command.ts";

const MOST = 10;

export const revisions: Command = {
  name: "revisions",
  about: "the good revisions, newest first",
  ownersOnly: true,
  run({ db }) {
    const good = goodRevisions(db, MOST);
    const wanted = wantedRevision(db);
    const lines = good.map(({ revision, imageId }) => line(revision, imageId, wanted?.imageId === imageId));
    const isListed = wanted === null || good.some(({ imageId }) => imageId === wanted.imageId);
    const state = wanted && isQuarantined(db, wanted.imageId) ? "given up" : "on probation";
    const first = isListed || wanted === null ? [] : [`${line(wanted.revision, wanted.imageId, true)}, ${state}`];
    return { text: [...first, ...lines].join("\n") || "None is known yet." };
  },
};

function line(revision: string, imageId: string, isWanted: boolean): string {
  return `${revision} (${imageId.replace(/^sha256:/, "").slice(0, 12)})${isWanted ? ", wanted now" : ""}`;
}
