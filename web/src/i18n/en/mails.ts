export default {
  title: "Mails",
} as const;
