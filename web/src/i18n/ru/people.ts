import type en from "../en/people.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Сотрудники",
} satisfies Russian<typeof en>;
