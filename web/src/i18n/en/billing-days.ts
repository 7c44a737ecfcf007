export default {
  title: "Billing days",
} as const;
