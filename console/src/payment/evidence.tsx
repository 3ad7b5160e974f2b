/** Answering a dispute: texts and files, staged or sent to the bank; or giving it up. */

import { useQueryClient } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { type ChangeEvent, useState } from "react";
import { Button as AriaButton, Label, Switch, TextArea, TextField } from "react-aria-components";
import { type Json, post, upload } from "../api";
import { sentence } from "../format";
import { useMayChange } from "../session";
import { Button } from "../ui/basics";
import { ActDialog } from "../ui/dialog";
import { Select } from "../ui/fields";
import { tell } from "../ui/results";

const TEXTS = [
  "uncategorized_text", "product_description", "customer_name", "customer_email_address", "customer_purchase_ip", "billing_address", "access_activity_log", "service_date",
  "shipping_address", "shipping_carrier", "shipping_date", "shipping_tracking_number", "refund_policy_disclosure", "refund_refusal_explanation", "cancellation_policy_disclosure",
  "cancellation_rebuttal", "duplicate_charge_id", "duplicate_charge_explanation",
];
const FILES = [
  "uncategorized_file", "receipt", "customer_communication", "customer_signature", "shipping_documentation", "service_documentation", "refund_policy", "cancellation_policy",
  "duplicate_charge_documentation",
];
const named = (names: string[]): [string, string][] => names.map((name) => [name, sentence(name)]);
export const ANSWERABLE = new Set(["needs_response", "warning_needs_response"]);

/** By when somebody has to answer; nothing if nobody can any more. */
export const answerBy = (dispute: Json): number | undefined => (ANSWERABLE.has(dispute.status as string) ? (dispute.evidence_details?.due_by as number | undefined) : undefined);

/** What was said so far, texts and files. */
export function given(dispute: Json): [string, string][] {
  return [...TEXTS, ...FILES].filter((name) => dispute.evidence[name]).map((name) => [sentence(name), String(dispute.evidence[name])]);
}

interface Line {
  name: string;
  text: string;
  file?: File;
}

export function Answering({ dispute }: { dispute: Json }) {
  const mayChange = useMayChange("disputes");
  const mayUpload = useMayChange("files");
  if (!mayChange || !ANSWERABLE.has(dispute.status as string)) return null;
  return <><Evidence dispute={dispute} mayUpload={mayUpload} /><Concede dispute={dispute} /></>;
}

function Evidence({ dispute, mayUpload }: { dispute: Json; mayUpload: boolean }) {
  const queries = useQueryClient();
  const [texts, setTexts] = useState<Line[]>([]);
  const [files, setFiles] = useState<Line[]>([]);
  const [submit, setSubmit] = useState(false);
  const opened = () => {
    const said = TEXTS.filter((name) => dispute.evidence[name]).map((name) => ({ name, text: String(dispute.evidence[name]) }));
    setTexts(said.length ? said : [{ name: "uncategorized_text", text: "" }]);
    setFiles([]);
    setSubmit(false);
  };
  const act = async (once: string) => {
    const evidence: Record<string, string> = {};
    for (const { name, text } of texts) if (text) evidence[name] = text;
    for (const { name, file } of files) if (file) evidence[name] = (await upload(file)).id as string;
    const after = await post(`/v1/disputes/${dispute.id}`, { evidence, submit }, once);
    tell(dispute.id, submit ? `The evidence is with the bank; the dispute is ${sentence(after.status).toLowerCase()}.` : "The evidence is kept here, and not sent yet.");
    await queries.invalidateQueries();
  };
  const change = (lines: Line[], index: number, part: Partial<Line>) => lines.map((line, at) => (at === index ? { ...line, ...part } : line));
  const chosen = (index: number) => (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    if (file) setFiles(change(files, index, { file }));
  };
  return (
    <ActDialog open="Answer" title="Answer this dispute" does={submit ? "Send to the bank" : "Keep"} act={act} opened={opened}>
      {texts.map((line, index) => (
        <div key={index} className="evidence">
          <Select label="What" value={line.name} options={named(TEXTS)} onChange={(name) => setTexts(change(texts, index, { name }))} />
          <TextField className="field" value={line.text} onChange={(text) => setTexts(change(texts, index, { text }))}><Label>Text</Label><TextArea rows={3} /></TextField>
          <AriaButton className="icon" aria-label={`Remove ${sentence(line.name)}`} onPress={() => setTexts(texts.filter((_, at) => at !== index))}><X size={14} aria-hidden /></AriaButton>
        </div>
      ))}
      {files.map((line, index) => (
        <div key={index} className="evidence">
          <Select label="What" value={line.name} options={named(FILES)} onChange={(name) => setFiles(change(files, index, { name }))} />
          <label className="field">File (PDF, PNG or JPEG)<input type="file" accept=".pdf,.png,.jpg,.jpeg" onChange={chosen(index)} /></label>
          <AriaButton className="icon" aria-label={`Remove ${sentence(line.name)}`} onPress={() => setFiles(files.filter((_, at) => at !== index))}><X size={14} aria-hidden /></AriaButton>
        </div>
      ))}
      <div className="actions">
        <Button kind="quiet" onPress={() => setTexts([...texts, { name: "product_description", text: "" }])}><Plus size={14} aria-hidden /> A text</Button>
        {mayUpload && <Button kind="quiet" onPress={() => setFiles([...files, { name: "uncategorized_file", text: "" }])}><Plus size={14} aria-hidden /> A file</Button>}
      </div>
      <Switch className="switch" isSelected={submit} onChange={setSubmit}><span className="track" aria-hidden />Send it to the bank now: it cannot be changed then</Switch>
    </ActDialog>
  );
}

function Concede({ dispute }: { dispute: Json }) {
  const queries = useQueryClient();
  const act = async (once: string) => {
    const after = await post(`/v1/disputes/${dispute.id}/close`, {}, once);
    tell(dispute.id, `It is contested no longer: ${sentence(after.status).toLowerCase()}.`);
    await queries.invalidateQueries();
  };
  return (
    <ActDialog open="Give up" title="Contest this dispute no longer?" does="Give it up" danger act={act}>
      <p>The buyer keeps the money. This cannot be taken back.</p>
    </ActDialog>
  );
}
