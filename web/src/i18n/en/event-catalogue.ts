export default {
  title: "Event catalogue",
} as const;
