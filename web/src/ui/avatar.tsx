import { Link } from "@tanstack/react-router";
import { createElement, memo } from "react";
import { popugShapes } from "../../../src/people/popug-picture.ts";
import { ui } from "./classes.ts";

/** A popug drawn from the id. Decoration: the name stands beside it. */
export const Avatar = memo(function Avatar({ id, size = 22 }: { id: string; size?: number }) {
  return (
    <svg className={ui.avatar} width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      {popugShapes(id).map(([element, attributes]) =>
        createElement(element, { key: attributes["d"] ?? attributes["r"] ?? element, ...attributes }),
      )}
    </svg>
  );
});

/** Avatar and name. */
export function Person({ id, name, size = 20 }: { id: string; name: string | null; size?: number }) {
  return (
    <span className={ui.person}>
      <Avatar id={id} size={size} />
      <span title={name ?? id}>{name ?? id.slice(0, 8)}</span>
    </span>
  );
}

/** Avatar and name; leads to the account, for those who may see it. */
export function PersonLink({ id, name }: { id: string; name: string | null }) {
  return (
    <Link to="/accounts/$userId" params={{ userId: id }}>
      <Person id={id} name={name} />
    </Link>
  );
}
