/** What admins see and do about people and the security of the installation, besides users themselves. */
import { Type } from "typebox";
import { Uuid } from "../../platform/contract.ts";
import { Page } from "../../platform/http/paging.ts";
import { command, query, type Route } from "../../platform/http/route.ts";
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

const WhichUser = Type.Object({ userId: Uuid });

export const peopleRoutes: readonly Route[] = [
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
