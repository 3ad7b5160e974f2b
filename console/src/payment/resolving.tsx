/** What nobody knows how it ended: what was asked, of whom, since when; and an operator's word on it. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Label, TextArea, TextField } from "react-aria-components";
import { type Json, post } from "../api";
import { called, money, when } from "../format";
import { useMayChange } from "../session";
import { Card, Copyable, Facts, Time } from "../ui/basics";
import { ActDialog } from "../ui/dialog";
import { Field, Select } from "../ui/fields";
import { tell } from "../ui/results";

/** Whether it waits for a person: its gateway is not to be heard any more. */
export const waitsForAPerson = (owed: Json): boolean => !owed.reason_for_silence && (!owed.done || !owed.not_done);

export function Unknown({ intent, owed }: { intent: Json; owed: Json }) {
  const mayChange = useMayChange("resolutions");
  const never = owed.done && owed.not_done ? (owed.done as string) : undefined;
  return (
    <Card title={`Not known: ${called(owed.operation)}`} aside={mayChange && !never && <Resolve intent={intent} owed={owed} />}>
      <p>
        The gateway {owed.gateway} was asked for it{owed.taken_on ? ", has taken it on, and has not told how it ended." : ", and has not answered: it may have been done, or not."}
        {waitsForAPerson(owed) && " It is not asked again: somebody has to find out there, and say what became of it."}
      </p>
      <Facts
        of={[
          ["Since", owed.since && <Time key="t" at={owed.since} relative />],
          ["Key", <Copyable key="k" text={owed.key} label="the key that it was asked by" />],
          ["The gateway's reference", owed.reference && <Copyable key="r" text={owed.reference} label="the gateway's reference" />],
        ]}
      />
      {(never ?? owed.reason_for_silence) && <p className="muted">{never ?? owed.reason_for_silence.replace(/ Say in `regardless`.*$/, "")}</p>}
      {!mayChange && !never && <p className="muted small">Who may say what became of it turns “Allow changes” on, with a key that has <code>resolutions:write</code>.</p>}
    </Card>
  );
}

const OUTCOMES: [string, string][] = [["", "Choose"], ["true", "It was done"], ["false", "It was not done, and never will be"]];

function Resolve({ intent, owed }: { intent: Json; owed: Json }) {
  const queries = useQueryClient();
  const [done, setDone] = useState("");
  const [reference, setReference] = useState("");
  const [by, setBy] = useState("");
  const [evidence, setEvidence] = useState("");
  const [why, setWhy] = useState("");
  const opened = () => {
    setDone("");
    for (const set of [setReference, setEvidence, setWhy]) set("");
  };
  const act = async (once: string) => {
    const word = { key: owed.key, done, by, evidence, reference: done === "true" ? reference : undefined, regardless: why || undefined };
    const after = await post(`/dashboard/v1/payment_intents/${intent.id}/resolve`, word, once);
    tell(intent.id, `${when(Date.now() / 1000)}: by the word of ${by}, ${called(owed.operation)} ${done === "true" ? "was done" : "was not done"}; the payment is ${called(after.status)}.`);
    await queries.invalidateQueries();
  };
  const refused = done === "true" ? owed.done : undefined;
  const lacks = !done || !by.trim() || !evidence.trim() || refused || (done === "true" && owed.needs_reference && !reference.trim()) || (owed.reason_for_silence && !why.trim());
  return (
    <ActDialog open="Say what became of it" title={`What became of: ${called(owed.operation)}?`} does="Say so" danger act={act} isDisabled={Boolean(lacks)} opened={opened}>
      <p className="muted">{intent.id}, {money(intent.amount, intent.currency)}. The gateway {owed.gateway} was asked by the key <code>{owed.key}</code>. What you say is taken for its answer: the merchant is told, and the books are written.</p>
      <Select label="Outcome" value={done} options={OUTCOMES} onChange={setDone} />
      {refused && <p role="alert">{refused}</p>}
      {done === "true" && !owed.taken_on && <Field label={`The gateway's reference${owed.needs_reference ? "" : " (if there is one)"}`} value={reference} onChange={setReference} />}
      <TextField className="field" value={evidence} onChange={setEvidence}><Label>What that rests on</Label><TextArea rows={2} placeholder="A settlement file, a ticket at the gateway's support, who said so" /></TextField>
      <Field label="Who says so" value={by} onChange={setBy} autoComplete="name" />
      {owed.reason_for_silence && <Field label="Why it is said although the gateway can still be asked" value={why} onChange={setWhy} hint={owed.reason_for_silence.replace(/ Say in `regardless`.*$/, "")} />}
    </ActDialog>
  );
}
