import type en from "../en/dead-letters.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Недоставленные",
} satisfies Russian<typeof en>;
