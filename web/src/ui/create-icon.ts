import type { IconNode, LucideIcon, LucideProps } from "lucide-react";
import { createElement } from "react";

/** Makes an icon out of lucide's drawing: what its own factory does, without options that nothing here uses. */
export default function createIcon({ node }: { node: IconNode }): LucideIcon {
  const shapes = node.map(([element, attributes]) => createElement(element, attributes));
  const Icon = ({ size = 24, strokeWidth = 2, ...rest }: LucideProps) =>
    createElement(
      "svg",
      {
        width: size,
        height: size,
        viewBox: "0 0 24 24",
        fill: "none",
        stroke: "currentColor",
        strokeWidth,
        strokeLinecap: "round",
        strokeLinejoin: "round",
        "aria-hidden": true,
        ...rest,
      },
      ...shapes,
    );
  return Icon as unknown as LucideIcon;
}
