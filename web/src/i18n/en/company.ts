export default {
  title: "Company",
} as const;
