/** Every sentence of the mails, in both languages; a missing one does not compile. */
import { count, type Language, plural } from "./format.ts";

const en = {
  part: (part: number) => `part ${part}`,
  payslip: {
    subject: (day: string, amount: string) => `Payslip for ${day}: ${amount}`,
    subjectUnpaid: (day: string) => `Payslip for ${day}: nothing paid out`,
    paid: (name: string, day: string) => `${name}, your payout for ${day}`,
    unpaid: (name: string, day: string) => `${name}, your balance after ${day}`,
    zero: "Nothing is paid out, and you owe nothing.",
    carried: (amount: string) => `You owe nothing today: ${amount} is carried over, and done tasks make up for it.`,
    credits: "Paid for done tasks",
    debits: "Charged for assigned tasks",
    opening: "Carried over from before",
    payout: "Paid out",
    closing: "Carried over to the next period",
    lines: "Charges and payments",
    more: (n: number) => `and ${count(n, "en")} more in your account`,
    button: "Open my account",
    footer: (day: string) => `The books of ${day} are closed and every event of that day is in them.`,
  },
  kinds: { fee: "assigned", reward: "done", "reward-reversal": "reopened", payout: "payout" },
  report: {
    subject: (day: string, amount: string) => `Report for ${day}: earned ${amount}`,
    earned: (day: string) => `Management earned on ${day}`,
    fees: "Fees for assigned tasks",
    rewards: "Rewards for done tasks",
    paidOut: (n: number) => `Paid out to ${count(n, "en")} ${n === 1 ? "popug" : "popugs"}`,
    belowZero: "Popugs below zero",
    carried: "Carried over below zero",
    topTask: "Most expensive task",
    noTopTask: "No task was done",
    discarded: "Events that people decided not to book",
    entries: "Entries in the books",
    button: "Open the company page",
    footer: (seal: string) => `All partitions are closed and counted. Seal ${seal}.`,
  },
  audit: {
    subject: (day: string) => `Audit log of ${day}`,
    title: (day: string) => `The audit log of ${day}`,
    intro: (n: number) => `The entries of the period, with task titles, are attached as CSV: ${count(n, "en")}.`,
    discarded: (n: number) => `Left out by people's decision: events of the books, ${count(n, "en")}.`,
    cut: (n: number) => `The file holds the first ${count(n, "en")}; the others are in the app.`,
    button: "Open the ledger",
    footer: (seal: string) => `Seal of the period: ${seal}.`,
    columns: ["time", "popug", "kind", "task id", "jira id", "title", "amount", "currency", "entry id"],
  },
};

export type Words = typeof en;

const ru: Words = {
  part: (part) => `часть ${part}`,
  payslip: {
    subject: (day, amount) => `Расчётный лист за ${day}: ${amount}`,
    subjectUnpaid: (day) => `Расчётный лист за ${day}: без выплаты`,
    paid: (name, day) => `${name}, ваша выплата за ${day}`,
    unpaid: (name, day) => `${name}, ваш баланс после ${day}`,
    zero: "Выплаты нет, и вы ничего не должны.",
    carried: (amount) => `Сегодня платить не нужно: ${amount} переносится, долг закроют выполненные задачи.`,
    credits: "За выполненные задачи",
    debits: "Списано за назначенные задачи",
    opening: "Перенос с прошлого периода",
    payout: "Выплачено",
    closing: "Перенос на следующий период",
    lines: "Операции",
    more: (n) => `и ещё ${count(n, "ru")} в вашем счёте`,
    button: "Открыть мой счёт",
    footer: (day) => `Расчётный день ${day} закрыт, все его события учтены.`,
  },
  kinds: { fee: "назначена", reward: "выполнена", "reward-reversal": "возвращена", payout: "выплата" },
  report: {
    subject: (day, amount) => `Отчёт за ${day}: заработано ${amount}`,
    earned: (day) => `Менеджмент заработал за ${day}`,
    fees: "Списания за назначенные задачи",
    rewards: "Вознаграждения за выполненные задачи",
    paidOut: (n) =>
      `Выплачено ${count(n, "ru")} ${plural(n, "ru", { one: "попугу", few: "попугам", many: "попугам", other: "попугам" })}`,
    belowZero: "Попуги ниже нуля",
    carried: "Перенос ниже нуля",
    topTask: "Самая дорогая задача",
    noTopTask: "Ни одна задача не выполнена",
    discarded: "События, которые решено не проводить",
    entries: "Записей в книгах",
    button: "Открыть страницу компании",
    footer: (seal) => `Все разделы закрыты и сверены. Печать ${seal}.`,
  },
  audit: {
    subject: (day) => `Журнал операций за ${day}`,
    title: (day) => `Журнал операций за ${day}`,
    intro: (n) =>
      `Операции периода с названиями задач приложены в CSV: ${count(n, "ru")} ${plural(n, "ru", { one: "запись", few: "записи", many: "записей", other: "записи" })}.`,
    discarded: (n) => `Не вошли по решению людей события книг: ${count(n, "ru")}.`,
    cut: (n) => `В файле первые ${count(n, "ru")}; остальные есть в приложении.`,
    button: "Открыть журнал",
    footer: (seal) => `Печать периода: ${seal}.`,
    columns: ["время", "попуг", "операция", "id задачи", "jira id", "название", "сумма", "валюта", "id записи"],
  },
};

export const words: Record<Language, Words> = { en, ru };
