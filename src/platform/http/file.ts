/** Answers that are files: a PDF, say, instead of JSON. */
import { Type } from "typebox";

/** What a query returns when its answer is a file; the browser saves it under `filename`. */
export class FileAnswer {
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Buffer;

  constructor(filename: string, contentType: string, bytes: Buffer) {
    this.filename = filename;
    this.contentType = contentType;
    this.bytes = bytes;
  }
}

/** The response schema of a route that answers with a file. */
export const fileOf = (contentType: string) =>
  Type.Unsafe<FileAnswer>({
    description: "The file.",
    content: { [contentType]: { schema: Type.Unsafe({ type: "string", format: "binary" }) } },
  });
