import type en from "../en/ui.ts";
import type { Russian } from "../text.ts";

export default {
  loading: "Загрузка",
  retry: "Повторить",
  close: "Закрыть",
  cancel: "Отмена",
  save: "Сохранить",
  undo: "Отменить",
  messages: "Сообщения",
  noRights: "Эта страница не для вашей роли",
  noRightsAbout: "Если она нужна, попросите администратора изменить ваши роли.",
  requestId: "Запрос {{id}}",
  notFound: "По этому адресу ничего нет",
  notFoundAbout: "Возможно, ссылка устарела. Поиск находит страницы, задачи и сотрудников.",
  "error.unknown": "Что-то пошло не так",
  "error.no-answer": "Сервер не отвечает",
  "error.database-unavailable": "База данных сейчас не отвечает",
  "error.too-many-requests": "Слишком много запросов, помедленнее",
  "error.internal-error": "Ошибка на нашей стороне. Мы её записали",
  "error.invalid-request": "Сервер не принимает это в таком виде",
  "error.not-found": "Такого нет",
  archived: "Записи этого дня в архиве",
  archivedAbout: "Итоги, выплаты и расчётные листы на месте. Вернуть записи может оператор.",
  done: "{{task}}: готово",
  more: "Показать ещё",
} satisfies Russian<typeof en>;
