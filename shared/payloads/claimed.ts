/** In the supervisor's journal alone: the row of the shared file, and its time, that a worker wrote there. */
export interface Claimed {
  readonly claim?: { readonly id: number; readonly at: number };
}

/** In the supervisor's journal alone: the file by which an operator asked for it; absent for what the chat asked for. */
export interface Spooled {
  readonly spool_id?: string;
}
