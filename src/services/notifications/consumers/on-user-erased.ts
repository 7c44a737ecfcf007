/** `user.erased`: to which address mails went and which ones were wanted is forgotten, with what they were to be told; which mails there were stays. */
import { userErasedV1 } from "../../../contracts/auth/user.erased.v1.ts";
import { type Consumer, consumer } from "../../../platform/service.ts";
import { forgetTasksOf } from "../assigned-task-store.ts";
import { forgetChoices } from "../mail-choice-store.ts";
import { forgetAddresses } from "../mail-store.ts";

export const onUserErased: Consumer = consumer({
  name: "on-user-erased",
  source: "auth",
  fromState: true,
  events: [userErasedV1],
  command: "user.erase",
  async handle({ sql }, events) {
    const userIds = events.map((event) => event.data.userId);
    await forgetAddresses(sql, userIds);
    await forgetChoices(sql, userIds);
    await forgetTasksOf(sql, userIds);
  },
});
