export default {
  title: "Event flow",
} as const;
