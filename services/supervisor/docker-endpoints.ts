/**
 * All that the supervisor asks of the Docker Engine, for whoever puts a filtering proxy before the socket; a test runs
 * the whole system behind one that refuses everything else. Paths carry no version: the engine answers with its own.
 */
export const DOCKER_ENDPOINTS: readonly { readonly method: string; readonly path: RegExp; readonly why: string }[] = [
  { method: "GET", path: /^\/containers\/[^/]+\/json$/, why: "look at the worker, at its check, at ourselves" },
  { method: "GET", path: /^\/containers\/json$/, why: "find which images are held" },
  { method: "GET", path: /^\/containers\/[^/]+\/logs$/, why: "keep a dead worker's last lines" },
  { method: "POST", path: /^\/containers\/create$/, why: "a worker, its check, a holder of an image" },
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
