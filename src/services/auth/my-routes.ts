/** What people do about their own access. None of it is open to personal access tokens. */
import { Type } from "typebox";
import { Uuid } from "../../platform/contract.ts";
import { command, query, type Route } from "../../platform/http/route.ts";
import { changeMyPassword, Confirmation, PasswordChange } from "./commands/passwords.ts";
import { createMyToken, listMyTokens, NewToken, revokeMyToken, TokenView } from "./commands/personal-tokens.ts";

export const myRoutes: readonly Route[] = [
  command({
    operationId: "changeMyPassword",
    command: "password.change",
    method: "POST",
    path: "/my/password",
    policy: "self.settings",
    summary: "Change my password; the old one is needed, and all my sessions end.",
    holdsSecrets: "request",
    body: PasswordChange,
    response: Confirmation,
    handle: changeMyPassword,
  }),
  command({
    operationId: "createMyToken",
    command: "token.issue",
    method: "POST",
    path: "/my/tokens",
    policy: "self.settings",
    summary: "Make a personal access token; it is shown in this answer and never again.",
    holdsSecrets: "answer",
    body: NewToken,
    response: Type.Object({ ...TokenView.properties, token: Type.String() }),
    status: 201,
    handle: createMyToken,
  }),
  query({
    operationId: "listMyTokens",
    method: "GET",
    path: "/my/tokens",
    policy: "self.settings",
    summary: "My personal access tokens that are still good, newest first.",
    response: Type.Object({ items: Type.Array(TokenView) }),
    handle: listMyTokens,
  }),
  command({
    operationId: "revokeMyToken",
    command: "token.revoke",
    method: "DELETE",
    path: "/my/tokens/:tokenId",
    policy: "self.settings",
    summary: "End one of my personal access tokens.",
    params: Type.Object({ tokenId: Uuid }),
    response: Type.Object({ revoked: Type.Boolean() }),
    handle: revokeMyToken,
  }),
];
