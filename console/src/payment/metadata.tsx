/** Metadata, as a table and as a form: a key a line. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import { Plus, X } from "lucide-react";
import { type Json, post } from "../api";
import { useMayChange } from "../session";
import { Button, Card, Facts } from "../ui/basics";
import { ActDialog } from "../ui/dialog";
import { Field } from "../ui/fields";
import { tell } from "../ui/results";

export function Metadata({ path, about, of, resource }: { path: string; about: string; of: Json; resource: string }) {
  const mayChange = useMayChange(resource);
  const queries = useQueryClient();
  const [pairs, setPairs] = useState<[string, string][]>([]);
  const set = (index: number, pair: [string, string]) => setPairs(pairs.map((one, at) => (at === index ? pair : one)));
  const act = async (once: string) => {
    const kept = new Set(pairs.map(([key]) => key));
    const gone = Object.keys(of).filter((key) => !kept.has(key)).map((key) => [key, ""]);
    await post(path, { metadata: Object.fromEntries([...gone, ...pairs.filter(([key]) => key)]) }, once);
    tell(about, "The metadata is changed.");
    await queries.invalidateQueries();
  };
  const edit = mayChange && (
    <ActDialog open="Edit" quiet title="Metadata" does="Save" act={act} opened={() => setPairs(Object.entries(of) as [string, string][])}>
      {pairs.map(([key, value], index) => (
        <div key={index} className="pair">
          <Field label="Key" value={key} onChange={(next) => set(index, [next, value])} />
          <Field label="Value" value={value} onChange={(next) => set(index, [key, next])} />
          <AriaButton className="icon" aria-label={`Remove ${key || "this line"}`} onPress={() => setPairs(pairs.filter((_, at) => at !== index))}><X size={14} aria-hidden /></AriaButton>
        </div>
      ))}
      <Button kind="quiet" onPress={() => setPairs([...pairs, ["", ""]])}><Plus size={14} aria-hidden /> Another key</Button>
    </ActDialog>
  );
  const entries = Object.entries(of) as [string, string][];
  return <Card title="Metadata" aside={edit}>{entries.length ? <Facts of={entries} /> : <p className="muted">None.</p>}</Card>;
}
