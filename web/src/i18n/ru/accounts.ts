import type en from "../en/accounts.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Счета",
  waiting: "Долги к списанию: нужно согласие второго человека",
  count_one: "{{count}} счёт",
  count_few: "{{count}} счёта",
  count_many: "{{count}} счетов",
  search: "Поиск по имени",
  all: "Все",
  negative: "В минусе",
  which: "Какие счета",
  creditsToday: "Начислено сегодня",
  debitsToday: "Списано сегодня",
  lastDays: "14 дней",
  lastPayout: "Последняя выплата",
  never: "Ещё не было",
  gone: "Отключён",
  sparkOf: "Заработок по дням: {{name}}",
  ascending: "по возрастанию",
  descending: "по убыванию",
  empty: "Счетов пока нет",
  emptyAbout: "Счёт появляется с первой назначенной задачей.",
  emptyFilter: "По этому фильтру счетов нет",
  csv: "попуг,логин,баланс,начислено сегодня,списано сегодня,последняя выплата,день выплаты,валюта",
} satisfies Russian<typeof en>;
