import type en from "../en/tasks.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Все задачи",
} satisfies Russian<typeof en>;
