/** Auth: who people are, and who may come in. The only service that knows passwords, and where users are true. */
import { tokenIssuedV1 } from "../../contracts/auth/token.issued.v1.ts";
import { tokenRevokedV1 } from "../../contracts/auth/token.revoked.v1.ts";
import { userCreatedV1 } from "../../contracts/auth/user.created.v1.ts";
import { userErasedV1 } from "../../contracts/auth/user.erased.v1.ts";
import { userLinkedV1 } from "../../contracts/auth/user.linked.v1.ts";
import { userUpdatedV1 } from "../../contracts/auth/user.updated.v1.ts";
import type { Service } from "../../platform/service.ts";
import type { Settings } from "../../settings.ts";
import { sendLinksJob } from "./jobs/send-links.ts";
import { sweep } from "./jobs/sweep.ts";
import { tellApplications } from "./jobs/tell-applications.ts";
import { authRoutes } from "./routes.ts";

export function authService(settings: Settings): Service {
  return {
    name: "auth",
    migrations: [new URL("./migrations/", import.meta.url)],
    publishes: [userCreatedV1, userUpdatedV1, tokenIssuedV1, tokenRevokedV1, userLinkedV1, userErasedV1],
    tellsState: true,
    consumers: [],
    jobs: [sendLinksJob(settings), sweep, tellApplications(settings)],
    routes: authRoutes(settings),
  };
}
