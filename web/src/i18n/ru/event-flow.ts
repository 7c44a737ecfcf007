import type en from "../en/event-flow.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Поток событий",
} satisfies Russian<typeof en>;
