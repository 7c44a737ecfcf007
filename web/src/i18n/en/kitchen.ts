export default {
  title: "Kitchen",
} as const;
