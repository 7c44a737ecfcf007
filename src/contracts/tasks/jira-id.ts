/** How a title with a bracketed id splits, and how the parts join again: one rule for writers and for the casts. */
import { Type } from "typebox";

const JIRA_ID = "[A-Za-z][A-Za-z0-9_]*-\\d+";
const MAX_JIRA_ID = 60;

/** The id of an issue, without brackets. */
export const JiraId = Type.String({ maxLength: MAX_JIRA_ID, pattern: `^${JIRA_ID}$` });

/** A title in one piece: perhaps a bracketed id, then what the parts can hold, so that it always splits and joins. */
export const BracketedTitle = Type.String({
  maxLength: 600,
  pattern: `^\\s*(\\[(?=[^\\]]{1,${MAX_JIRA_ID}}\\])${JIRA_ID}\\]\\s*(-\\s+)?)?\\S[\\s\\S]{0,499}$`,
});

/** `[ABC-12] - Title` and `[ABC-12] Title`; other brackets belong to the title. */
const pattern = new RegExp(`^\\[(${JIRA_ID})\\]\\s*(?:-\\s+)?(\\S.*)$`, "s");

/** Takes the bracketed id off the front, if there is one; blanks around the title go. */
export function splitTitle(text: string): { jiraId: string | null; title: string } {
  const match = pattern.exec(text.trim());
  return match ? { jiraId: match[1] as string, title: match[2] as string } : { jiraId: null, title: text.trim() };
}

/** Splits a title that was accepted long ago: an id that is too long for `JiraId` stays in it. */
export function splitOldTitle(text: string): { jiraId: string | null; title: string } {
  const parts = splitTitle(text);
  return (parts.jiraId?.length ?? 0) > MAX_JIRA_ID ? { jiraId: null, title: text.trim() } : parts;
}

/** The form in which one title carries both. */
export function joinTitle({ jiraId, title }: { jiraId: string | null; title: string }): string {
  return jiraId === null ? title : `[${jiraId}] - ${title}`;
}
