/**
 * Stands for d3-color, which comes with the zoom of `@xyflow/react` and would be a fourteenth of that chunk: it blends the
 * colours of what is animated, and nothing of ours animates a colour by d3.
 */
const none = () => null;

export { none as color, none as cubehelix, none as hcl, none as hsl, none as lab, none as rgb };
