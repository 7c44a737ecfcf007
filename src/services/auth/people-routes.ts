/** What admins see and do about people and the security of the installation, besides users themselves. */
import { Type } from "typebox";
import { Uuid } from "../../platform/contract.ts";
import { Page } from "../../platform/http/paging.ts";
import { command, query, type Route } from "../../platform/http/route.ts";
import type { Settings } from "../../settings.ts";
import { eraseUser } from "./commands/erase-user.ts";
import {
  Handed,
  InvitationView,
  inviteUser,
  listInvitations,
  NewInvitation,
  resendInvitation,
  revokeOneInvitation,
} from "./commands/invitations.ts";
import { MadeLink, makePasswordLink } from "./commands/passwords.ts";
import {
  AuditQuery,
  EntryView,
  Export,
  ExportRequest,
  exportSecurityAudit,
  getUserHistory,
  HistoryQuery,
  listSecurityAudit,
  Verdict,
  VerifyQuery,
  verifySecurityAudit,
} from "./queries/security-audit.ts";
import { UserView } from "./users.ts";

const WhichUser = Type.Object({ userId: Uuid });

export const peopleRoutes = (settings: Settings): readonly Route[] => [
  command({
    operationId: "inviteUser",
    command: "user.invite",
    method: "POST",
    path: "/invitations",
    policy: "people",
    summary:
      "Invite somebody; they become a user when they set their password. The link is mailed, or shown here once.",
    holdsSecrets: "answer",
    body: NewInvitation,
    response: Type.Object({ ...InvitationView.properties, ...Handed }),
    status: 201,
    handle: (ctx, request) => inviteUser(ctx, request, settings),
  }),
  query({
    operationId: "listInvitations",
    method: "GET",
    path: "/invitations",
    policy: "people",
    summary: "Invitations that may still be accepted, newest first.",
    response: Type.Object({ items: Type.Array(InvitationView) }),
    handle: listInvitations,
  }),
  command({
    operationId: "revokeInvitation",
    command: "invitation.revoke",
    method: "DELETE",
    path: "/invitations/:invitationId",
    policy: "people",
    summary: "Take an invitation back.",
    params: Type.Object({ invitationId: Uuid }),
    response: Type.Object({ revoked: Type.Boolean() }),
    handle: revokeOneInvitation,
  }),
  command({
    operationId: "resendInvitation",
    command: "invitation.resend",
    method: "POST",
    path: "/invitations/:invitationId/resend",
    policy: "people",
    summary: "Send an invitation again, with a new link; the one before is good no more.",
    holdsSecrets: "answer",
    params: Type.Object({ invitationId: Uuid }),
    response: Type.Object({ ...InvitationView.properties, ...Handed }),
    handle: (ctx, request) => resendInvitation(ctx, request, settings),
  }),
  command({
    operationId: "makePasswordLink",
    command: "password-link.make",
    method: "POST",
    path: "/users/:userId/password-link",
    policy: "people",
    summary:
      "A link with which somebody sets a new password within an hour, shown here once; or mailed to them, then for ten minutes.",
    holdsSecrets: "answer",
    params: WhichUser,
    response: MadeLink,
    status: 201,
    handle: (ctx, request) => makePasswordLink(ctx, request, settings),
  }),
  command({
    operationId: "eraseUser",
    command: "user.erase",
    method: "POST",
    path: "/users/:userId/erase",
    policy: "people",
    summary: "Forget name, login and address of somebody who left; cannot be undone.",
    params: WhichUser,
    response: UserView,
    handle: eraseUser,
  }),
  query({
    operationId: "getUserHistory",
    method: "GET",
    path: "/users/:userId/history",
    policy: "people",
    summary: "What was done to a user and what they did about their access, newest first.",
    params: WhichUser,
    query: HistoryQuery,
    response: Page(EntryView),
    handle: getUserHistory,
  }),
  query({
    operationId: "listSecurityAudit",
    method: "GET",
    path: "/security-audit",
    policy: "people",
    summary: "Who did what to whom, as far as security is concerned; newest first.",
    query: AuditQuery,
    response: Page(EntryView),
    handle: listSecurityAudit,
  }),
  query({
    operationId: "verifySecurityAudit",
    method: "GET",
    path: "/security-audit/verify",
    policy: "people",
    summary: "Whether the security audit is still what was written.",
    query: VerifyQuery,
    response: Verdict,
    handle: verifySecurityAudit,
  }),
  command({
    operationId: "exportSecurityAudit",
    command: "audit.export",
    method: "POST",
    path: "/security-audit/export",
    policy: "people",
    summary: "The security audit as CSV; the export is an entry of it.",
    body: ExportRequest,
    response: Export,
    handle: exportSecurityAudit,
  }),
];
