/** The rules by which payments go to gateways: which hold, every version, and a form for the next. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Label, Text, TextArea, TextField } from "react-aria-components";
import { type Json, post } from "../api";
import { may, useMayChange, useSession } from "../session";
import { Badge, Card, JsonView, Time } from "../ui/basics";
import { ActDialog } from "../ui/dialog";
import { Answer, useApi } from "../ui/query";
import { Results, tell } from "../ui/results";
import { DataTable } from "../ui/table";

const PATH = "/dashboard/v1/routing_rules";
const ABOUT = "routing_rules";
const printed = (data: unknown): string => JSON.stringify(data, null, 2);

/** `of` is what the gateways' page has been told: a key that may not read versions sees those that hold. */
export function Rules({ of }: { of: Json }) {
  const mayRead = may(useSession(), "routing_rules");
  const mayChange = useMayChange("routing_rules");
  const rules = of.rules as Json | null;
  const names = (of.gateways as Json[]).map((gateway) => gateway.name as string);
  const acts = mayChange && <span className="actions"><Edit rules={rules} gateways={names} />{rules && <End />}</span>;
  return (
    <Card title={rules ? `Rules of routing, version ${rules.version}` : "Rules of routing"} aside={acts}>
      <Results about={ABOUT} />
      {rules ? <JsonView of={rules.data} label="The rules as JSON" /> : <p className="muted">None: the first gateway that can is asked.</p>}
      {mayRead && <Versions seen={`${rules?.version} ${(of.versions as Json[]).length}`} mayChange={mayChange} />}
    </Card>
  );
}

/** Let a text hold, and say so. */
function useSet(): (text: string, once: string) => Promise<void> {
  const queries = useQueryClient();
  return async (text, once) => {
    const made = await post(PATH, { rules: text }, once);
    tell(ABOUT, `Version ${made.version} holds. Every process goes by it within five seconds; payments under way go on by what they were begun with.`);
    await queries.invalidateQueries();
  };
}

/** One rule that says what goes for everything anyway: something to begin with. */
const begun = (gateways: string[]): Json => ({ rules: [{ name: "everything", gateways }], tries: Math.min(gateways.length, 2) });

function Edit({ rules, gateways }: { rules: Json | null; gateways: string[] }) {
  const set = useSet();
  const [text, setText] = useState("");
  const error = fault(text);
  return (
    <ActDialog open={rules ? "Change" : "Set rules"} title="Rules of routing" does="Let them hold" act={(once) => set(text, once)} isDisabled={Boolean(error)} opened={() => setText(printed(rules?.data ?? begun(gateways)))}>
      <TextField className="field" value={text} onChange={setText} isInvalid={Boolean(error)} autoFocus>
        <Label>Rules, as JSON</Label>
        <TextArea className="code" rows={14} spellCheck="false" />
        <Text slot="description">The first rule whose “when” holds decides: currency, type, brand, country, funding, capture, amount. “gateways” is the order; “split” shares by per cent. There are: {gateways.join(", ")}.</Text>
      </TextField>
      {error && <p className="muted">{error}</p>}
    </ActDialog>
  );
}

function fault(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function End() {
  const queries = useQueryClient();
  const act = async (once: string) => {
    await post(`${PATH}/end`, {}, once);
    tell(ABOUT, "No rules hold: the first gateway that can is asked.");
    await queries.invalidateQueries();
  };
  return <ActDialog open="End" title="Let no rules hold?" does="End them" danger act={act}><p>New payments go to the first gateway that can. Versions stay, and any can hold again.</p></ActDialog>;
}

function Versions({ seen, mayChange }: { seen: string; mayChange: boolean }) {
  const found = useApi(PATH, { limit: 20 }, { seen });
  return (
    <Answer of={found}>
      {(page) => ((page.data as Json[]).length === 0 ? null : (
        <DataTable
          label="Versions"
          rows={page.data as Json[]}
          id={(v) => v.id}
          fields={[
            { name: "Version", of: (v) => String(v.version) },
            { name: "Set", of: (v) => <Time at={v.created} /> },
            { name: "Rules", of: (v) => (v.data.rules as Json[]).map((rule) => rule.name as string).join(", "), wide: true },
            { name: "Holds", of: (v) => (v.holds ? <Badge of="active" /> : "") },
            ...(mayChange && (page.data as Json[]).some((v) => !v.holds) ? [{ name: "Acts", of: (v: Json) => (v.holds ? "" : <Back version={v} />) }] : []),
          ]}
        />
      ))}
    </Answer>
  );
}

function Back({ version }: { version: Json }) {
  const set = useSet();
  return (
    <ActDialog open="Let it hold again" quiet title={`Let version ${version.version} hold again?`} does="Let it hold" act={(once) => set(printed(version.data), once)}>
      <JsonView of={version.data} label={`Version ${version.version} as JSON`} />
    </ActDialog>
  );
}
