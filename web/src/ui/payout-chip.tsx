import type { PayoutState } from "../data/payouts.ts";
import { formatInstant } from "../format/dates.ts";
import { textOf } from "../i18n/text.ts";
import { Chip, type Tone } from "./parts.tsx";

const tones: Record<PayoutState, Tone | undefined> = {
  ...{ waiting: "warn", requested: undefined, sent: "accent", confirmed: "pos", failed: "neg" },
};

/** What became of a payout; when, and why, at a touch. */
export function PayoutChip({
  payout: { state, changedAt, reason },
}: {
  payout: { state: PayoutState; changedAt: string | null; reason: string | null };
}) {
  const about = [reason, changedAt === null ? null : formatInstant(changedAt)].filter((part) => part !== null);
  return (
    <Chip tone={tones[state]} {...(about.length > 0 && { title: about.join("\n") })}>
      {textOf("payouts")(`state.${state}`)}
    </Chip>
  );
}
