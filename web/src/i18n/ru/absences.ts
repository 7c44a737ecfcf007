import type en from "../en/absences.ts";
import type { Russian } from "../text.ts";

export default {
  title: "Дни отсутствия",
  about: "В эти дни вам не достаются задачи.",
  none: "Дни отсутствия не отмечены",
  days: "{{first}} – {{last}}",
  reassigned: "открытые задачи уйдут другим",
  kept: "открытые задачи останутся",
  mark: "Отметить дни",
  change: "Изменить",
  takeBack: "Отозвать",
  first: "Первый день",
  last: "Последний день, включительно",
  reassign: "Отдать открытые задачи другим, когда начнётся",
  reassignAbout: "Для каждой будет новый жребий, и с нового исполнителя спишется плата. Иначе они останутся на месте.",
  note: "Заметка",
  noteAbout: "Её видят менеджеры и администраторы.",
  save: "Сохранить",
  away: "Нет до {{day}}",
  saved: "Дни отмечены",
  takenBack: "Дни отозваны",
} satisfies Russian<typeof en>;
