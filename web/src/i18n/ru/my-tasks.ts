import type en from "../en/my-tasks.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Мои задачи",
} satisfies Russian<typeof en>;
