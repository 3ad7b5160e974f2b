/** What a payment is for, in its merchant's words: a form. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Label, TextArea, TextField } from "react-aria-components";
import { type Json, post } from "../api";
import { useMayChange } from "../session";
import { ActDialog } from "../ui/dialog";
import { tell } from "../ui/results";

const LETTERS_MAX = 1_000;

/** A button, for whoever may change it. */
export function Describe({ intent }: { intent: Json }) {
  const mayChange = useMayChange("payment_intents");
  const queries = useQueryClient();
  const [text, setText] = useState("");
  if (!mayChange) return null;
  const act = async (once: string) => {
    await post(`/v1/payment_intents/${intent.id}`, { description: text.trim() }, once);
    tell(intent.id as string, text.trim() ? "The description is changed." : "The description is gone.");
    await queries.invalidateQueries();
  };
  return (
    <ActDialog open={intent.description ? "Edit description" : "Describe"} quiet title="Description" does="Save" act={act} opened={() => setText((intent.description as string | null) ?? "")}>
      <TextField className="field" value={text} onChange={setText} maxLength={LETTERS_MAX} autoFocus>
        <Label>What this payment is for</Label>
        <TextArea rows={3} dir="auto" />
      </TextField>
      <p className="muted">Search finds it, and files have it. Empty takes it away.</p>
    </ActDialog>
  );
}
