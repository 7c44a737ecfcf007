import type en from "../en/my-tasks.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Мои задачи",
  today: "Сегодня",
  canEarn: "Можно заработать",
  earned: "Заработано сегодня",
  balance: "Баланс",
  openTasks_one: "{{count}} открытая задача",
  openTasks_few: "{{count}} открытые задачи",
  openTasks_many: "{{count}} открытых задач",
  parts: "Награды {{rewards}}, списания {{fees}}",
  pending_one: "{{count}} награда в пути",
  pending_few: "{{count}} награды в пути",
  pending_many: "{{count}} наград в пути",
  why: "Почему столько?",
  toAccount: "Мой счёт",
  doneToday_one: "{{count}} готова сегодня",
  doneToday_few: "{{count}} готовы сегодня",
  doneToday_many: "{{count}} готовы сегодня",
  takeBack: "Отменить: {{task}}",
  emptyTitle: "Для вас пока нет задач",
  empty: "Как только жребий даст вам задачу, она появится здесь.",
  allDone: "Всё готово",
  allDoneEarned: "Сегодняшние задачи принесут {{amount}}.",
} satisfies Russian<typeof en>;
