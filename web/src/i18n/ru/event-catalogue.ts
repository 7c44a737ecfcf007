import type en from "../en/event-catalogue.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Каталог событий",
} satisfies Russian<typeof en>;
