import type en from "../en/analytics.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Аналитика",
} satisfies Russian<typeof en>;
