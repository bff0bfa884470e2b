import { checkName, holderName, LABEL, type Role, workerName } from "./labels.ts";
import type { Surroundings } from "./worker-container.ts";

type Labels = Readonly<Record<string, string>>;

const ROLES: readonly Role[] = ["worker", "check", "holds"];
/** What tells one container of a role from another. */
const IDENTITY: Readonly<Record<Role, string>> = { worker: LABEL.instance, check: LABEL.check, holds: LABEL.holds };

/**
 * What a container of our project is to us; null when it is somebody else's. The role's value and the role's name
 * together say it. Under another name it was renamed, or copied label by label, if its identity is its own: what it has
 * from its image says nothing, as of a container that somebody runs from a committed worker.
 *
 * A container from before there were roles is known by its name, and by an identity of its own.
 *
 * @param inherited asks for the labels of its image, which only these odd cases need
 */
export async function roleOf(
  { names, labels }: { readonly names: readonly string[]; readonly labels: Labels },
  surroundings: Surroundings,
  inherited: () => Promise<Labels>,
): Promise<Role | null> {
  const value = labels[LABEL.role];
  const hasName = (role: Role) => names.includes(`/${nameOf(role, surroundings, labels)}`);
  const role = ROLES.find((known) => (value === undefined ? hasName(known) : value === known));
  if (role === undefined) return null;
  if (value !== undefined && hasName(role)) return role;
  return labels[IDENTITY[role]] === (await inherited())[IDENTITY[role]] ? null : role;
}

function nameOf(role: Role, surroundings: Surroundings, labels: Labels): string {
  if (role === "worker") return workerName(surroundings);
  return role === "check" ? checkName(surroundings) : holderName(surroundings, labels[LABEL.holds] ?? "");
}
