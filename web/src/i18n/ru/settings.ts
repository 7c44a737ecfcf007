import type en from "../en/settings.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Настройки",
} satisfies Russian<typeof en>;
