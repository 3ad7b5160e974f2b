/** The request log: every request of this account, masked; one of them whole. */

import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { useNavigate, useParams, useSearchParams } from "react-router";
import type { Form as Asked, Json } from "../api";
import { called, number } from "../format";
import { Badge, Button, Card, Copyable, Facts, JsonView, Link, PageHead, Time } from "../ui/basics";
import { Field, Select } from "../ui/fields";
import { useNarrow } from "../ui/narrow";
import { Paging, useCursor } from "../ui/paging";
import { Answer, useApi } from "../ui/query";
import { DataTable } from "../ui/table";

const STATUSES: [string, string][] = [["", "Any"], ["2xx", "Succeeded"], ["failed", "Failed"], ["4xx", "4xx"], ["402", "402: declined"], ["409", "409"], ["429", "429"], ["5xx", "5xx"]];
const HTTP_METHODS: [string, string][] = [["", "Any"], ["GET", "GET"], ["POST", "POST"], ["DELETE", "DELETE"]];
const FIELDS: [string, string, string][] = [
  ["object", "Object", "pi_…"], ["path", "Path", "/v1/payment_intents"], ["operation", "Operation", "payment_intents.confirm"],
  ["error_code", "Error code", "card_declined"], ["idempotency_key", "Idempotency-Key", ""],
];
const NAMES = ["status", "method", ...FIELDS.map(([name]) => name)];

export default function Logs() {
  const { id } = useParams();
  const [search, setSearch] = useSearchParams();
  const given = Object.fromEntries(NAMES.map((name) => [name, search.get(name) || undefined]));
  return (
    <>
      <PageHead title="Logs" />
      {id && <One id={id} />}
      <Filters key={search.toString()} search={search} apply={setSearch} />
      <RequestsTable form={{ ...given, limit: 50, ...useCursor() }} paged />
    </>
  );
}

function Filters({ search, apply }: { search: URLSearchParams; apply: (values: Record<string, string>) => void }) {
  const [values, setValues] = useState<Record<string, string>>(() => Object.fromEntries(NAMES.map((name) => [name, search.get(name) ?? ""])));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    apply(Object.fromEntries(Object.entries(values).filter(([, value]) => value)));
  };
  const set = (name: string) => (value: string) => setValues({ ...values, [name]: value });
  const narrow = useNarrow();
  const on = NAMES.some((name) => search.get(name));
  return (
    <details className="card filters" open={on || !narrow}>
      <summary>Filters</summary>
      <Form onSubmit={submit} aria-label="Filters">
      <div className="grid">
        <Select label="Status" value={values.status ?? ""} options={STATUSES} onChange={set("status")} />
        <Select label="Method" value={values.method ?? ""} options={HTTP_METHODS} onChange={set("method")} />
        {FIELDS.map(([name, label, placeholder]) => <Field key={name} label={label} placeholder={placeholder} value={values[name] ?? ""} onChange={set(name)} />)}
      </div>
      <div className="buttons">
        <Button onPress={() => apply({})}>Clear</Button>
        <Button type="submit" kind="primary">Apply</Button>
      </div>
      </Form>
    </details>
  );
}

/** A status of HTTP, by its number and a colour. */
const Status = ({ of }: { of: number }) => <Badge of={String(of)} tone={of < 400 ? "good" : of < 500 ? "warn" : "bad"} />;

/** Requests that match, as a table: of a page, or of one payment. */
export function RequestsTable({ form, paged = false }: { form: Asked; paged?: boolean }) {
  const found = useApi("/dashboard/v1/request_logs", form, { every: 4_000 });
  return (
    <Answer of={found}>
      {(page) => (
        <>
          <DataTable
            label="Requests"
            rows={page.data as Json[]}
            id={(r) => r.id}
            href={(r) => `/logs/${r.id}`}
            empty="No request matches."
            fields={[
              { name: "Request", of: (r) => <><strong>{r.method}</strong> <span className="path">{r.path}</span></> },
              { name: "Status", of: (r) => <><Status of={r.status} />{r.error_code && <span className="muted why"> {called(r.decline_code ?? r.error_code)}</span>}</> },
              { name: "ms", of: (r) => number(r.duration_ms), wide: true, align: "end" },
              { name: "Key", of: (r) => <code>{r.key}</code>, wide: true },
              { name: "Idempotency-Key", of: (r) => <><span className="key">{r.idempotency_key ?? ""}</span>{r.replayed && <> <Badge of="replayed" /></>}</>, wide: true },
              { name: "When", of: (r) => <Time at={r.created} /> },
            ]}
          />
          {paged && <Paging page={page} />}
        </>
      )}
    </Answer>
  );
}

function One({ id }: { id: string }) {
  const navigate = useNavigate();
  // Written half a second after its answer: whoever comes at once looks again.
  const found = useApi(`/dashboard/v1/request_logs/${id}`, {}, { every: 2_000 });
  return (
    <Answer of={found}>
      {(request) => (
        <Card title={`${request.method} ${request.path}`} aside={<Button kind="quiet" onPress={() => void navigate("/logs")}>Close</Button>}>
          <Facts
            of={[
              ["Request", <Copyable key="i" text={id} />],
              ["Status", <Status key="s" of={request.status} />],
              ["When", <Time key="w" at={request.created} />],
              ["Took", `${number(request.duration_ms)} ms`],
              ["Error", request.error_message],
              ["Code", request.error_code && [request.error_code, request.decline_code].filter(Boolean).map(called).join(", ")],
              ["Payment", request.payment_intent && <Link key="p" href={`/payments/${request.payment_intent}`}>{request.payment_intent}</Link>],
              ["Key", `${request.key} (${request.key_kind})`],
              ["Idempotency-Key", request.idempotency_key],
              ["A repetition of", request.original_request && request.original_request !== id && <Link key="o" href={`/logs/${request.original_request}`}>{request.original_request}</Link>],
              ["Version", request.api_version],
              ["Operation", request.operation],
            ]}
          />
          <div className="columns">
            <div><h3>What was asked</h3>{request.request ? <JsonView of={request.request} label="What was asked" /> : <p className="muted">Nothing, or it was not kept.</p>}</div>
            <div><h3>What was answered</h3>{request.response ? <JsonView of={request.response} label="What was answered" /> : <p className="muted">It was not kept.</p>}</div>
          </div>
        </Card>
      )}
    </Answer>
  );
}
