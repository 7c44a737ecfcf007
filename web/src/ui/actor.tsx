import { Cog } from "lucide-react";
import { useNames } from "../data/users.ts";
import { Person } from "./avatar.tsx";
import { ui } from "./classes.ts";

/** Who did it: a person by avatar and name, or the part of the system (`system:schedule`). */
export function Actor({ actor, name }: { actor: string; name?: string | null }) {
  const nameOf = useNames();
  if (actor.startsWith("user:")) {
    const userId = actor.slice("user:".length);
    return <Person id={userId} name={name || nameOf(userId) || null} />;
  }
  return (
    <span className={ui.person}>
      <Cog size={16} strokeWidth={1.75} aria-hidden="true" />
      <span>{actor.replace(/^system:/, "")}</span>
    </span>
  );
}
