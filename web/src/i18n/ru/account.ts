import type en from "../en/account.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Мой счёт",
} satisfies Russian<typeof en>;
