import type en from "../en/mails.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Письма",
} satisfies Russian<typeof en>;
