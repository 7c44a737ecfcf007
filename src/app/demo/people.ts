/** The invented company of the demo: 40 popugs in all roles, half of them writing in Russian. Always the same. */
import type { Language } from "../../services/auth/users.ts";
import type { Role } from "../../people/policy.ts";

/** Login, name, language; the login is the name in Latin letters. */
type Invented = readonly [login: string, name: string, language: Language];

const admins: Invented[] = [
  ["polina.zernova", "Полина Зернова", "ru"],
  ["arthur.crest", "Arthur Crest", "en"],
];
const managers: Invented[] = [
  ["mila.perchik", "Мила Перчик", "ru"],
  ["felix.branch", "Felix Branch", "en"],
  ["rita.klyuva", "Рита Клюва", "ru"],
  ["oscar.talon", "Oscar Talon", "en"],
];
const accountants: Invented[] = [
  ["vera.semechko", "Вера Семечко", "ru"],
  ["nora.ledger", "Nora Ledger", "en"],
];
/** Works as everybody else, and looks after the books besides. */
const workersWhoCount: Invented[] = [["ignat.schetov", "Игнат Счётов", "ru"]];
const workers: Invented[] = [
  ["gosha.perov", "Гоша Перов", "ru"],
  ["kesha.popov", "Кеша Попов", "ru"],
  ["rio.feather", "Rio Feather", "en"],
  ["coco.perch", "Coco Perch", "en"],
  ["anfisa.hohlova", "Анфиса Хохлова", "ru"],
  ["zoe.plume", "Zoe Plume", "en"],
  ["tisha.zhordochkin", "Тиша Жёрдочкин", "ru"],
  ["max.beak", "Max Beak", "en"],
  ["lada.krylova", "Лада Крылова", "ru"],
  ["ruby.wing", "Ruby Wing", "en"],
  ["stepan.gnezdov", "Степан Гнездов", "ru"],
  ["ivy.nest", "Ivy Nest", "en"],
  ["dasha.pukhova", "Даша Пухова", "ru"],
  ["leo.millet", "Leo Millet", "en"],
  ["grisha.orekhov", "Гриша Орехов", "ru"],
  ["ella.cuttle", "Ella Cuttle", "en"],
  ["yasha.zernyshkin", "Яша Зёрнышкин", "ru"],
  ["theo.roost", "Theo Roost", "en"],
  ["sonya.letova", "Соня Летова", "ru"],
  ["bella.seed", "Bella Seed", "en"],
  ["foma.kletkin", "Фома Клеткин", "ru"],
  ["hugo.squawk", "Hugo Squawk", "en"],
  ["nina.vetkina", "Нина Веткина", "ru"],
  ["daisy.down", "Daisy Down", "en"],
  ["pasha.hvostov", "Паша Хвостов", "ru"],
  ["sam.cockatoo", "Sam Cockatoo", "en"],
  ["ulya.chubkina", "Уля Чубкина", "ru"],
  ["jack.macaw", "Jack Macaw", "en"],
  ["zina.kokosova", "Зина Кокосова", "ru"],
  ["luna.lory", "Luna Lory", "en"],
  ["bogdan.vzletov", "Богдан Взлётов", "ru"],
];

export type DemoPerson = { login: string; name: string; language: Language; roles: Role[] };

const as =
  (roles: Role[]) =>
  ([login, name, language]: Invented): DemoPerson => ({ login, name, language, roles });

/** The first one is the first admin. */
export const demoPeople: readonly DemoPerson[] = [
  ...admins.map(as(["admin"])),
  ...managers.map(as(["manager"])),
  ...accountants.map(as(["accountant"])),
  ...workersWhoCount.map(as(["worker", "accountant"])),
  ...workers.map(as(["worker"])),
];
