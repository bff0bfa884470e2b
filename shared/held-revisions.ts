/** So many good revisions are held against being pruned, the newest. */
export const HELD_REVISIONS = 3;
