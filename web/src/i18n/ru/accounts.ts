import type en from "../en/accounts.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Счета",
} satisfies Russian<typeof en>;
