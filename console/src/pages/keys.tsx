/** API keys: made, rolled, revoked. A key is shown once. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Checkbox, CheckboxGroup, Label } from "react-aria-components";
import { type Json, post } from "../api";
import { called } from "../format";
import { useSession } from "../session";
import { Badge, Button, Card, Copyable, PageHead, Time } from "../ui/basics";
import { ActDialog } from "../ui/dialog";
import { Field, Select } from "../ui/fields";
import { Answer, useApi } from "../ui/query";
import { Results, tell } from "../ui/results";
import { DataTable } from "../ui/table";

const PATH = "/dashboard/v1/api_keys";
const ABOUT = "api_keys";
const KINDS: [string, string][] = [["restricted", "Restricted: what you allow it"], ["secret", "Secret: everything"], ["publishable", "Publishable: for browsers"]];
const ENDS: [string, string][] = [["", "Never"], ["86400", "In a day"], ["2592000", "In 30 days"], ["7776000", "In 90 days"]];
const OVERLAPS: [string, string][] = [["0", "At once"], ["3600", "In an hour"], ["86400", "In a day"], ["604800", "In seven days"]];

export default function Keys() {
  const session = useSession();
  const found = useApi(PATH);
  const [made, setMade] = useState<Json>();
  const mayMake = session.kind === "secret" && session.changes;
  return (
    <>
      <PageHead title="API keys" aside={mayMake && <Create done={setMade} />}>
        {session.kind !== "secret" && <p className="muted">Only a secret key makes, rolls and revokes keys.</p>}
      </PageHead>
      {made && (
        <Card title="The new key" aside={<Button kind="quiet" onPress={() => setMade(undefined)}>I have it</Button>}>
          <p>It is shown this once. Nobody can show it again.</p>
          <Copyable text={made.key} label="the new key" />
        </Card>
      )}
      <Results about={ABOUT} />
      <Answer of={found}>
        {(page) => (
          <DataTable
            label="API keys"
            rows={page.data as Json[]}
            id={(k) => k.id}
            fields={[
              { name: "Key", of: (k) => <><code>{k.hint}</code>{k.name && <><br />{k.name}</>}</> },
              { name: "Kind", of: (k) => called(k.kind) },
              { name: "May", of: (k) => ((k.permissions as string[]).length ? (k.permissions as string[]).join(", ") : ""), wide: true },
              { name: "Ends", of: (k) => <Ends at={k.expires} /> },
              { name: "Made", of: (k) => <Time at={k.created} />, wide: true },
              ...(mayMake ? [{ name: "Acts", of: (k: Json) => <Acts of={k} rolled={setMade} /> }] : []),
            ]}
          />
        )}
      </Answer>
    </>
  );
}

function Ends({ at }: { at: number | null }) {
  if (at === null) return <Badge of="active" />;
  return at * 1000 <= Date.now() ? <><Badge of="ended" /> <Time at={at} /></> : <>ends <Time at={at} relative /></>;
}

function Create({ done }: { done: (made: Json) => void }) {
  const queries = useQueryClient();
  const [kind, setKind] = useState("restricted");
  const [name, setName] = useState("");
  const [ends, setEnds] = useState("");
  const [reads, setReads] = useState<string[]>([]);
  const [writes, setWrites] = useState<string[]>([]);
  const permissions = [...reads.filter((one) => !writes.includes(one)).map((one) => `${one}:read`), ...writes.map((one) => `${one}:write`)];
  const act = async () => {
    const form = { kind, name: name || undefined, expires_in: ends || undefined, permissions: kind === "restricted" ? permissions : undefined };
    done(await post(PATH, form));
    await queries.invalidateQueries();
  };
  return (
    <ActDialog open="Make a key" title="A new key" does="Make it" act={act} isDisabled={kind === "restricted" && !permissions.length}>
      <Select label="Kind" value={kind} options={KINDS} onChange={setKind} />
      <Field label="What it is for" value={name} onChange={setName} />
      <Select label="It ends" value={ends} options={ENDS} onChange={setEnds} />
      {kind === "restricted" && (
        <div className="permissions">
          <Permissions label="May read" value={reads} onChange={setReads} />
          <Permissions label="May read and write" value={writes} onChange={setWrites} />
        </div>
      )}
    </ActDialog>
  );
}

function Permissions({ label, value, onChange }: { label: string; value: string[]; onChange: (value: string[]) => void }) {
  const { resources } = useSession();
  return (
    <CheckboxGroup value={value} onChange={onChange} className="checks">
      <Label>{label}</Label>
      {resources.map((resource) => <Checkbox key={resource} value={resource}><span className="box" aria-hidden />{called(resource)}</Checkbox>)}
    </CheckboxGroup>
  );
}

function Acts({ of, rolled }: { of: Json; rolled: (made: Json) => void }) {
  const queries = useQueryClient();
  const [overlap, setOverlap] = useState("0");
  if (of.expires !== null && of.expires * 1000 <= Date.now()) return null;
  const roll = async () => {
    rolled(await post(`${PATH}/${of.id}/roll`, { overlap_seconds: overlap }));
    tell(ABOUT, `${of.hint} is replaced.`);
    await queries.invalidateQueries();
  };
  const revoke = async () => {
    await post(`${PATH}/${of.id}/revoke`);
    tell(ABOUT, `${of.hint} has ended.`);
    await queries.invalidateQueries();
  };
  return (
    <span className="actions">
      <ActDialog open="Roll" quiet title={`Replace ${of.hint}?`} does="Roll" act={roll}>
        <p>A key like it is made, and shown once.</p>
        <Select label="The old one ends" value={overlap} options={OVERLAPS} onChange={setOverlap} />
      </ActDialog>
      <ActDialog open="Revoke" quiet title={`End ${of.hint}?`} does="Revoke" danger act={revoke}>
        <p>Whoever uses it is refused, within five seconds and for good. If it is the one that you have signed in with, that is you.</p>
      </ActDialog>
    </span>
  );
}
