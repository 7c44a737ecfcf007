/** What went wrong with a request, as the server says it (RFC 9457) or as the network does. */
export class Problem extends Error {
  /** HTTP status; 0: there was no answer. */
  readonly status: number;
  /** Stable, kebab-case. */
  readonly code: string;
  /** By field, where the request was not as it has to be. */
  readonly fields: readonly { path: string; message: string }[];
  /** Names the request in the server's log. */
  readonly instance: string | undefined;

  constructor(answer: {
    status: number;
    code?: string;
    title?: string;
    instance?: string;
    errors?: Problem["fields"];
  }) {
    super(answer.title ?? "");
    this.name = "Problem";
    this.status = answer.status;
    this.code = answer.code ?? (answer.status === 0 ? "no-answer" : "unknown");
    this.fields = answer.errors ?? [];
    this.instance = answer.instance;
  }
}
