import type en from "../en/kitchen.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Кухня",
} satisfies Russian<typeof en>;
