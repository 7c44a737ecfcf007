export default {
  title: "Dead letters",
} as const;
