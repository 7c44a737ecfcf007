/** How a title with a bracketed id splits, and how the parts join again: one rule for writers and for the casts. */
import { Type } from "typebox";

const JIRA_ID = "[A-Za-z][A-Za-z0-9_]{0,39}-\\d{1,19}";

/** The id of an issue, without brackets; up to 60 characters. */
export const JiraId = Type.String({ pattern: `^${JIRA_ID}$` });

/** A title in one piece: perhaps a bracketed id, then what the parts can hold, so that it always splits and joins. */
export const BracketedTitle = Type.String({
  maxLength: 600,
  pattern: `^\\s*(\\[${JIRA_ID}\\]\\s*(-\\s+)?)?\\S[\\s\\S]{0,499}$`,
});

/** `[ABC-12] - Title` and `[ABC-12] Title`; other brackets, and ids beyond 60 characters, belong to the title. */
const pattern = new RegExp(`^\\[(${JIRA_ID})\\]\\s*(?:-\\s+)?(\\S.*)$`, "s");

/** Takes the bracketed id off the front, if there is one; blanks around the title go. */
export function splitTitle(text: string): { jiraId: string | null; title: string } {
  const match = pattern.exec(text.trim());
  return match ? { jiraId: match[1] as string, title: match[2] as string } : { jiraId: null, title: text.trim() };
}

/** The form in which one title carries both. */
export function joinTitle({ jiraId, title }: { jiraId: string | null; title: string }): string {
  return jiraId === null ? title : `[${jiraId}] - ${title}`;
}
