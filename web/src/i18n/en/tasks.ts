export default {
  title: "All tasks",
} as const;
