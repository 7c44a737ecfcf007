import type en from "../en/billing-days.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Расчётные дни",
} satisfies Russian<typeof en>;
