/** The types with which the web app calls the API, made from the OpenAPI document by the tool that the web app has for it. */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { openApi } from "./openapi.ts";

type Document = Awaited<ReturnType<typeof openApi>>["document"];
/** Of `openapi-typescript`, which is a tool of the web app's and nothing that Popug needs while it runs. */
type Tool = {
  default: (document: Document, options: { silent: boolean }) => Promise<unknown[]>;
  astToString: (ast: unknown[]) => string;
  COMMENT_HEADER: string;
};

/** `web/src/api/schema.gen.ts`. */
export async function webTypes(document: Document): Promise<string> {
  const tool = createRequire(join(import.meta.dirname, "../../../web/package.json"))("openapi-typescript") as Tool;
  // The tool resolves references in what it is given.
  const ast = await tool.default(structuredClone(document), { silent: true });
  return tool.COMMENT_HEADER + tool.astToString(ast);
}
