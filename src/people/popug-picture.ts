/** A popug drawn from an id: colour, crest and beak, so that a person is recognised at 20 px, on every page. */

/** A piece of an SVG of 32 × 32: its element and the attributes of it. */
export type Shape = readonly [element: "rect" | "path" | "circle", attributes: Readonly<Record<string, string>>];

const beaks = [75, 60, 90] as const;

/** A number from an id, the same everywhere and for ever (FNV-1a). */
function numberOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}

/** What the picture is made of, the hindmost first. */
export function popugShapes(id: string): readonly Shape[] {
  const n = numberOf(id);
  const hue = (n * 137.508) % 360;
  const crest =
    n % 2 === 1
      ? "M12 8.5C11 5 12.5 3 15.5 2c-.3 2 .3 3.6 1.500 5z"
      : "M10 9.500C7.500 7 7.800 4.500 10 2.500c.6 2 2 3.300 4 4.500z";
  const body =
    "M7 34V16.500A9.500 9.500 0 0 1 16.500 7C22 7 26 10.800 26 16v.500c-2.400-1.100-5.400-.5-6.800 1.500-1.300 1.900-.9 3.900 1.100 5.200L21 34z";
  const beak =
    "M26 16v1c0 4.200-2.200 7.500-5.700 6.200-2-1.300-2.400-3.300-1.100-5.200C20.600 16 23.600 15.400 26 16z";
  return [
    ["rect", { width: "32", height: "32", fill: `oklch(0.92 0.05 ${hue})` }],
    ["path", { d: body, fill: `oklch(0.64 0.145 ${hue})` }],
    ["path", { d: beak, fill: `oklch(0.80 0.140 ${beaks[n % 3]})` }],
    ["path", { d: crest, fill: `oklch(0.56 0.150 ${hue + 40})` }],
    ["circle", { cx: "15.400", cy: "15.400", r: "2.600", fill: "#fff" }],
    ["circle", { cx: "15.900", cy: "15.400", r: "1.400", fill: "oklch(0.25 0.02 270)" }],
  ];
}
