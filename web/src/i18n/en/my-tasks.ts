export default {
  title: "My tasks",
} as const;
