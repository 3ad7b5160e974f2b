/** Events: what has happened, newest first; one of them whole; sending one again. */

import { type FormEvent, useState } from "react";
import { Input, Label, TextField } from "react-aria-components";
import { useNavigate, useParams, useSearchParams } from "react-router";
import type { Json } from "../api";
import { Resend } from "../payment/timeline";
import { may, useSession } from "../session";
import { Button, Card, Copyable, Facts, JsonView, Link, PageHead, Time } from "../ui/basics";
import { Select } from "../ui/fields";
import { Paging, useCursor } from "../ui/paging";
import { Answer, useApi } from "../ui/query";
import { Results } from "../ui/results";
import { DataTable } from "../ui/table";

const HEARD: [string, string][] = [["", "Delivered or not"], ["false", "Not delivered"], ["true", "Delivered"]];

export default function Events() {
  const { id } = useParams();
  const [search, setSearch] = useSearchParams();
  const [type, heard] = [search.get("type") ?? "", search.get("delivered") ?? ""];
  const [typed, setTyped] = useState(type);
  const found = useApi("/v1/events", { limit: 50, type: type || undefined, delivery_success: heard || undefined, ...useCursor() });
  const change = (name: string, value: string) => {
    const next = new URLSearchParams(search);
    for (const gone of ["after", "before", name]) next.delete(gone);
    if (value) next.set(name, value);
    setSearch(next);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change("type", typed.trim());
  };
  return (
    <>
      <PageHead title="Events" />
      {id && <One id={id} />}
      <form className="searchbox" onSubmit={submit}>
        <TextField value={typed} onChange={setTyped}><Label>Type</Label><Input placeholder="payment_intent.succeeded, charge.*" /></TextField>
        <Button type="submit">Filter</Button>
        <Select label="Delivered" hideLabel value={heard} options={HEARD} onChange={(value) => change("delivered", value)} />
      </form>
      <Answer of={found}>
        {(page) => (
          <>
            <DataTable
              label="Events"
              rows={page.data as Json[]}
              id={(e) => e.id}
              href={(e) => `/events/${e.id}`}
              empty="No event matches."
              fields={[
                { name: "Type", of: (e) => e.type },
                { name: "Of", of: (e) => <code>{e.data.object.id}</code>, wide: true },
                { name: "Undelivered", of: (e) => (e.pending_webhooks ? String(e.pending_webhooks) : ""), wide: true },
                { name: "Id", of: (e) => <code>{e.id}</code>, wide: true },
                { name: "When", of: (e) => <Time at={e.created} /> },
              ]}
            />
            <Paging page={page} />
          </>
        )}
      </Answer>
    </>
  );
}

function One({ id }: { id: string }) {
  const navigate = useNavigate();
  const session = useSession();
  const found = useApi(`/v1/events/${id}`);
  return (
    <Answer of={found}>
      {(event) => {
        const object = event.data.object as Json;
        const payment = (object.object === "payment_intent" ? object.id : object.payment_intent) as string | undefined;
        return (
          <Card title={event.type} aside={<><Resend events={[event]} about={id} open="Send again" /><Button kind="quiet" onPress={() => void navigate("/events")}>Close</Button></>}>
            <Results about={id} />
            <Facts
              of={[
                ["Event", <Copyable key="i" text={id} />],
                ["When", <Time key="w" at={event.created} />],
                ["Of", payment ? <Link key="p" href={`/payments/${payment}`}>{payment}</Link> : object.id],
                ["Request", event.request?.id && (may(session, "request_logs") ? <Link key="r" href={`/logs/${event.request.id}`}>{event.request.id}</Link> : event.request.id)],
                ["Idempotency-Key", event.request?.idempotency_key],
                ["Version", event.api_version],
                ["Not delivered to", String(event.pending_webhooks)],
              ]}
            />
            <JsonView of={event} label="The event as JSON" />
          </Card>
        );
      }}
    </Answer>
  );
}
