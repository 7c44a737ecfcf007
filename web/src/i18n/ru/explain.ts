import type en from "../en/explain.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Откуда это",
} satisfies Russian<typeof en>;
