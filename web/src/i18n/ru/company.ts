import type en from "../en/company.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Компания",
} satisfies Russian<typeof en>;
