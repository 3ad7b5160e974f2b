/** What can be done to a payment now: offered by what its state allows, done after a question, and said when it is done. */

import { useQueryClient } from "@tanstack/react-query";
import { type FC, useState } from "react";
import { type Form, type Json, post } from "../api";
import { digitsOf, fromField, localField, minor, money, typed, when } from "../format";
import { may, useSession } from "../session";
import { Button } from "../ui/basics";
import { ActDialog } from "../ui/dialog";
import { Field, Select } from "../ui/fields";
import { tell } from "../ui/results";

interface Props {
  intent: Json;
  timeline: Json;
}

export function Actions({ intent, timeline }: Props) {
  const session = useSession();
  if (!session.changes) return null;
  const writes = may(session, "payment_intents", "write");
  const legal = new Set(timeline.explanation.commands as string[]);
  const isRefunded = intent.amount_received > 0 && (timeline.amount_refunded as number) >= intent.amount_received;
  const given = (timeline.events as Json[]).filter((event) => event.type === "charge.refunded").length;
  const offers: [boolean, FC<Props>][] = [
    [writes && intent.status === "requires_capture" && legal.has("capture"), Capture],
    [may(session, "refunds", "write") && intent.amount_received > 0 && (legal.has("refund") || isRefunded), Refund],
    [writes && intent.status === "requires_capture" && legal.has("increment_authorization"), Increment],
    [writes && legal.has("cancel"), Cancel],
    [may(session, "test_helpers", "write") || writes, FastForward],
  ];
  const shown = offers.filter(([offered, Act]) => offered && (Act !== FastForward || (!intent.livemode && !["succeeded", "canceled"].includes(intent.status))));
  return <>{shown.map(([, Act], index) => <Act key={`${index} ${given}`} intent={intent} timeline={timeline} />)}</>;
}

/** Do it, say what came of it, and look again. */
function useAct(id: string): (path: string, form: Form, once: string, done: (answer: Json) => string) => Promise<void> {
  const queries = useQueryClient();
  return async (path, form, once, done) => {
    const answer = await post(path, form, once);
    tell(id, `${when(Date.now() / 1000)}: ${done(answer)}`);
    await queries.invalidateQueries();
  };
}

const summary = (intent: Json) => <p className="muted">{intent.id}, {money(intent.amount, intent.currency)}</p>;
const step = (intent: Json): string => (digitsOf(intent.currency) ? "0.01" : "1");

/** An amount of the payment's currency, from 1 to `most` minor units; and what is wrong with what was typed. */
function useAmount(intent: Json, first: number, least: number, most: number) {
  const [text, setText] = useState(typed(first, intent.currency));
  const value = minor(text, intent.currency);
  const range = `From ${money(least, intent.currency)} to ${money(most, intent.currency)}.`;
  const error = value === undefined || value < least || value > most ? range : undefined;
  const field = <Field label={`Amount (${intent.currency.toUpperCase()})`} inputMode="decimal" value={text} onChange={setText} error={error} step={step(intent)} autoFocus />;
  return { value: value ?? 0, field, isWrong: error !== undefined, reset: () => setText(typed(first, intent.currency)) };
}

function Capture({ intent }: Props) {
  const act = useAct(intent.id);
  const most = intent.amount_capturable as number;
  const amount = useAmount(intent, most, 1, most);
  const capture = (once: string) =>
    act(`/v1/payment_intents/${intent.id}/capture`, { amount_to_capture: amount.value }, once, (after) => `Captured ${money(after.amount_received, after.currency)}; the payment is ${after.status}.`);
  return (
    <ActDialog open="Capture" title="Capture this payment?" does={`Capture ${money(amount.value, intent.currency)}`} act={capture} isDisabled={amount.isWrong} opened={amount.reset}>
      {summary(intent)}
      {amount.field}
      <p className="muted">What is not captured is released.</p>
    </ActDialog>
  );
}

const REFUND_REASONS: [string, string][] = [["", "None given"], ["requested_by_customer", "The customer asked for it"], ["duplicate", "Duplicate"], ["fraudulent", "Fraudulent"]];
const CANCEL_REASONS: [string, string][] = [["", "None given"], ["requested_by_customer", "The customer asked for it"], ["duplicate", "Duplicate"], ["fraudulent", "Fraudulent"], ["abandoned", "Abandoned"]];

function Refund({ intent, timeline }: Props) {
  const act = useAct(intent.id);
  const [reason, setReason] = useState("");
  const left = (intent.amount_received as number) - (timeline.amount_refunded as number);
  const amount = useAmount(intent, left, 1, Math.max(left, 1));
  if (left <= 0) return <Button isDisabled>Refunded in full</Button>;
  const refund = (once: string) =>
    act("/v1/refunds", { payment_intent: intent.id, amount: amount.value, reason: reason || undefined }, once, (after) => `Refund ${after.id} of ${money(after.amount, after.currency)} is ${after.status}.`);
  return (
    <ActDialog open="Refund" title="Refund this payment?" does={`Refund ${money(amount.value, intent.currency)}`} danger act={refund} isDisabled={amount.isWrong} opened={amount.reset}>
      {summary(intent)}
      {amount.field}
      <Select label="Reason" value={reason} options={REFUND_REASONS} onChange={setReason} />
      <p className="muted">{money(left, intent.currency)} of {money(intent.amount_received, intent.currency)} can be given back. Fees are not.</p>
    </ActDialog>
  );
}

function Increment({ intent }: Props) {
  const act = useAct(intent.id);
  const now = intent.amount as number;
  const amount = useAmount(intent, now + 1, now + 1, 99_999_999);
  const increment = (once: string) =>
    act(`/v1/payment_intents/${intent.id}/increment_authorization`, { amount: amount.value }, once, (after) => `${money(after.amount, after.currency)} are held now.`);
  return (
    <ActDialog open="Increase" title="Hold more?" does={`Hold ${money(amount.value, intent.currency)}`} act={increment} isDisabled={amount.isWrong} opened={amount.reset}>
      {summary(intent)}
      {amount.field}
      <p className="muted">The new total. The bank may say no; then what is held stays held.</p>
    </ActDialog>
  );
}

function Cancel({ intent }: Props) {
  const act = useAct(intent.id);
  const [reason, setReason] = useState("");
  const cancel = (once: string) =>
    act(`/v1/payment_intents/${intent.id}/cancel`, { cancellation_reason: reason || undefined }, once, (after) => `The payment is ${after.status}.`);
  return (
    <ActDialog open="Cancel" title="Cancel this payment?" does="Cancel the payment" danger act={cancel}>
      {summary(intent)}
      <Select label="Reason" value={reason} options={CANCEL_REASONS} onChange={setReason} />
      <p className="muted">What is held is released. A canceled payment stays canceled.</p>
    </ActDialog>
  );
}

function FastForward({ intent, timeline }: Props) {
  const act = useAct(intent.id);
  const due = (timeline.timers as Json[])[0]?.at as number | undefined;
  const first = () => localField(due ? due + 1 : Math.floor(Date.now() / 1000) + 86_400);
  const [to, setTo] = useState(first);
  const at = fromField(to);
  const forward = (once: string) =>
    act(`/v1/test_helpers/payment_intents/${intent.id}/fast_forward`, { to: at }, once, (after) => `The payment's clock stands at ${when(at)}; it is ${after.status}.`);
  return (
    <ActDialog open="Move the clock" title="Move this payment's clock?" does="Move the clock" act={forward} isDisabled={Number.isNaN(at)} opened={() => setTo(first())}>
      {summary(intent)}
      <Field label="To" type="datetime-local" step="1" value={to} onChange={setTo} autoFocus hint={due ? `Its next timer is due ${when(due)}.` : "No timer of its own is due."} />
      <p className="muted">Of this payment alone, and forward only. Every timer that comes due fires.</p>
    </ActDialog>
  );
}
