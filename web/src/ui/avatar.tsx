import { Link } from "@tanstack/react-router";
import { memo } from "react";
import { ui } from "./classes.ts";

const beaks = [75, 60, 90] as const;

/** A number from an id, the same everywhere and for ever (FNV-1a). */
function numberOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}

/** A popug drawn from the id: colour, crest and beak, so that a person is recognised at 20 px. Decoration: the name stands beside it. */
export const Avatar = memo(function Avatar({ id, size = 22 }: { id: string; size?: number }) {
  const n = numberOf(id);
  const hue = (n * 137.508) % 360;
  const crest =
    n % 2 === 1
      ? "M12 8.5C11 5 12.5 3 15.5 2c-.3 2 .3 3.6 1.500 5z"
      : "M10 9.500C7.500 7 7.800 4.500 10 2.500c.6 2 2 3.300 4 4.500z";
  return (
    <svg className={ui.avatar} width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" fill={`oklch(0.92 0.05 ${hue})`} />
      <path
        d="M7 34V16.500A9.500 9.500 0 0 1 16.500 7C22 7 26 10.800 26 16v.500c-2.400-1.100-5.400-.5-6.800 1.500-1.300 1.900-.9 3.900 1.100 5.200L21 34z"
        fill={`oklch(0.64 0.145 ${hue})`}
      />
      <path
        d="M26 16v1c0 4.200-2.200 7.500-5.700 6.200-2-1.300-2.400-3.300-1.100-5.200C20.600 16 23.600 15.400 26 16z"
        fill={`oklch(0.80 0.140 ${beaks[n % 3]})`}
      />
      <path d={crest} fill={`oklch(0.56 0.150 ${hue + 40})`} />
      <circle cx="15.400" cy="15.400" r="2.600" fill="#fff" />
      <circle cx="15.900" cy="15.400" r="1.400" fill="oklch(0.25 0.02 270)" />
    </svg>
  );
});

/** Avatar and name. */
export function Person({ id, name, size = 20 }: { id: string; name: string | null; size?: number }) {
  return (
    <span className={ui.person}>
      <Avatar id={id} size={size} />
      <span>{name ?? id.slice(0, 8)}</span>
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
