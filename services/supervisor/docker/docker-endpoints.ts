/**
 * All that the supervisor asks of the Docker Engine, for whoever puts a filtering proxy before the socket; a test runs
 * the whole system behind one that refuses everything else.
 *
 * Paths carry no version, so the engine answers with its own: a pinned one is refused by the first engine that raises
 * its minimum, as version 29 did with 1.44. What is read of the answers is the same from 1.44 to 1.52: of a container
 * its id, names, labels, times, image, state, limits, mounts and networks; of an image its id, environment and command,
 * of which 1.52 leaves out what is empty; of an event only that it came.
 */
export const DOCKER_ENDPOINTS: readonly { readonly method: string; readonly path: RegExp; readonly why: string }[] = [
  { method: "GET", path: /^\/containers\/[^/]+\/json$/, why: "look at the worker, at its check, at ourselves" },
  { method: "GET", path: /^\/containers\/json$/, why: "find by its labels what is ours" },
  { method: "GET", path: /^\/containers\/[^/]+\/logs$/, why: "keep a dead worker's last lines" },
  { method: "POST", path: /^\/containers\/create$/, why: "a worker, its check, a holder of an image" },
  {
    method: "PUT",
    path: /^\/containers\/[^/]+\/archive$/,
    why: "the database that a check looks at: a schema, and no row",
  },
  { method: "POST", path: /^\/containers\/[^/]+\/start$/, why: "a worker, its check" },
  { method: "POST", path: /^\/containers\/[^/]+\/unpause$/, why: "what is frozen cannot stop" },
  { method: "POST", path: /^\/containers\/[^/]+\/stop$/, why: "a worker" },
  { method: "DELETE", path: /^\/containers\/[^/]+$/, why: "a worker that has exited, a check, a holder" },
  { method: "GET", path: /^\/images\/.+\/json$/, why: "what a tag means; whether an image is still here" },
  { method: "POST", path: /^\/images\/create$/, why: "pull an image that is asked for and not here" },
  { method: "POST", path: /^\/images\/.+\/tag$/, why: "name an image that is held" },
  { method: "DELETE", path: /^\/images\/.+$/, why: "let that name go" },
  {
    method: "GET",
    path: /^\/events$/,
    why: "a hint to look again; whether a worker was signalled, or ran out of memory",
  },
];
