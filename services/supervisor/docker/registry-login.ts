/** What POST /images/create takes as X-Registry-Auth. */
export type Credentials =
  | { readonly username: string; readonly password: string; readonly serveraddress: string }
  | { readonly identitytoken: string; readonly serveraddress: string };

export type Login =
  | { readonly kind: "none" }
  | { readonly kind: "login"; readonly credentials: Credentials }
  /** There is one, and it cannot be used here. */
  | { readonly kind: "unusable"; readonly why: string };

interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/**
 * The login for the registry of an image, as `docker login` keeps it in its config.json (docs: docker login,
 * "Credential stores").
 *
 * @param config the file's text; empty when there is none
 */
export function loginFor(reference: string, config: string): Login {
  if (config.trim() === "") return { kind: "none" };
  const read = parse(config);
  if (!read) return { kind: "unusable", why: "the file of logins is not a config.json as docker login writes it" };
  const registry = registryOf(reference);
  const [serveraddress, entry] = findRegistry(read.auths, registry) ?? [registry, {}];
  if (entry.identitytoken) {
    return { kind: "login", credentials: { identitytoken: entry.identitytoken, serveraddress } };
  }
  const [username, ...rest] = Buffer.from(entry.auth ?? "", "base64")
    .toString("utf8")
    .split(":");
  if (username && rest.length > 0) {
    return { kind: "login", credentials: { username, password: rest.join(":"), serveraddress } };
  }
  const helper = findRegistry(read.credHelpers, registry)?.[1] ?? read.credsStore;
  if (helper === undefined) return { kind: "none" };
  const why = `the file of logins leaves this registry's to the credential helper "${helper}", which cannot run here: write the login into a config.json of its own, without credsStore and credHelpers`;
  return { kind: "unusable", why };
}

function parse(config: string): DockerConfig | null {
  try {
    const read: unknown = JSON.parse(config);
    return typeof read === "object" && read !== null ? read : null;
  } catch {
    return null; // the parser's own message would quote the file
  }
}

/** What comes before the first slash is a registry if it looks like a host; "" is the engine's default registry. */
function registryOf(reference: string): string {
  const [first = "", ...rest] = reference.split("/");
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : "";
}

/** The default registry is the one that is kept under its index's address: https://index.…/v1/. */
function findRegistry<T>(
  entries: Readonly<Record<string, T>> = {},
  registry: string,
): readonly [string, T] | undefined {
  return Object.entries(entries).find(([address]) => {
    const host = address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
    if (!host.startsWith("index.")) return host === registry;
    return registry === "" || [host, host.replace("index.", "")].includes(registry);
  });
}
