/** What auth answers below `/api`. The sign-in pages and the OpenID provider stand in `provider-routes.ts`. */
import { Type } from "typebox";
import { Uuid } from "../../platform/contract.ts";
import { Page } from "../../platform/http/paging.ts";
import { command, query, type Route } from "../../platform/http/route.ts";
import type { Settings } from "../../settings.ts";
import { createUser } from "./commands/create-user.ts";
import { updateUser } from "./commands/update-user.ts";
import { identityRoutes } from "./identity-routes.ts";
import { myRoutes } from "./my-routes.ts";
import { peopleRoutes } from "./people-routes.ts";
import { getMe, getUser, listUsers, UserFilter } from "./queries/list-users.ts";
import { sessionRoutes } from "./session-routes.ts";
import { ListedUserView, NewUser, UserChange, UserView } from "./users.ts";

const WhichUser = Type.Object({ userId: Uuid });

export const authRoutes = (settings: Settings): readonly Route[] => [
  command({
    operationId: "createUser",
    command: "user.create",
    method: "POST",
    path: "/users",
    policy: "people",
    summary: "A popug joins the company.",
    holdsSecrets: "request",
    body: NewUser,
    response: UserView,
    status: 201,
    handle: createUser,
  }),
  command({
    operationId: "updateUser",
    command: "user.update",
    method: "PATCH",
    path: "/users/:userId",
    policy: "people",
    summary: "Change name, e-mail, language, roles or status; nobody is ever deleted.",
    params: WhichUser,
    body: UserChange,
    response: UserView,
    handle: updateUser,
  }),
  query({
    operationId: "listUsers",
    method: "GET",
    path: "/users",
    policy: "people",
    summary: "All users, by login.",
    query: UserFilter,
    response: Page(ListedUserView),
    handle: listUsers,
  }),
  query({
    operationId: "getUser",
    method: "GET",
    path: "/users/:userId",
    policy: "people",
    summary: "One user.",
    params: WhichUser,
    response: UserView,
    handle: getUser,
  }),
  query({
    operationId: "getMe",
    method: "GET",
    path: "/me",
    policy: "self.view",
    summary: "Who I am.",
    response: UserView,
    handle: getMe,
  }),
  ...peopleRoutes(settings),
  ...myRoutes(settings),
  ...sessionRoutes,
  ...identityRoutes(settings),
];
