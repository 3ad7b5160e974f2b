/** One webhook endpoint: how it takes what it is sent, every try, and sending again, one or many. */

import { useQueryClient } from "@tanstack/react-query";
import { useParams, useSearchParams } from "react-router";
import { type Json, post } from "../api";
import { useMayChange } from "../session";
import { Badge, Card, Copyable, Delivered, Facts, Link, PageHead, Time } from "../ui/basics";
import { ActDialog } from "../ui/dialog";
import { Select } from "../ui/fields";
import { Paging, useCursor } from "../ui/paging";
import { Answer, SLOW_MS, useApi } from "../ui/query";
import { Results, tell } from "../ui/results";
import { DataTable } from "../ui/table";
import { Health } from "./webhooks";

const STATES: [string, string][] = [["", "All"], ["failed", "Failed"], ["pending", "To be tried"], ["under_way", "Under way"], ["delivered", "Delivered"], ["canceled", "Canceled"]];

export default function Webhook() {
  const { id = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const status = search.get("status") ?? "";
  const endpoint = useApi(`/v1/webhook_endpoints/${id}`);
  const health = useApi("/dashboard/v1/webhooks/health");
  const deliveries = useApi(`/v1/webhook_endpoints/${id}/deliveries`, { limit: 50, status: status || undefined, ...useCursor() }, { every: SLOW_MS });
  const missed = ((deliveries.data?.data ?? []) as Json[]).filter((delivery) => delivery.status !== "delivered");
  return (
    <Answer of={endpoint}>
      {(found) => (
        <>
          <PageHead title={found.url} aside={<Acts endpoint={found} missed={missed} />}><Copyable text={id} label="the endpoint's id" /></PageHead>
          <Results about={id} />
          <Card title="Endpoint">
            <Facts
              of={[
                ["Status", <Badge key="s" of={found.status} />],
                ["Health", <Health key="h" of={health.data?.endpoints[id]} />],
                ["Events", (found.enabled_events as string[]).join(", ")],
                ["Version", found.api_version ?? "the account's"],
                ["Description", found.description],
                ["Made", <Time key="m" at={found.created} />],
              ]}
            />
          </Card>
          <Card title="Deliveries" aside={<Select label="Status" hideLabel value={status} options={STATES} onChange={(next) => setSearch(next ? { status: next } : {})} />}>
            <Answer of={deliveries}>
              {(page) => (
                <>
                  <DataTable label="Deliveries" rows={page.data as Json[]} id={(d) => d.id} fields={COLUMNS} empty="None." />
                  <Paging page={page} />
                </>
              )}
            </Answer>
          </Card>
        </>
      )}
    </Answer>
  );
}

const COLUMNS = [
  { name: "Event", of: (d: Json) => <Link href={`/events/${d.event}`}>{d.type}</Link> },
  { name: "Status", of: (d: Json) => <Delivered state={d.status} tries={(d.attempts as Json[]).length} /> },
  { name: "Tries", of: (d: Json) => <Tries of={d.attempts} /> },
  { name: "Next", of: (d: Json) => (d.next_attempt ? <Time at={d.next_attempt} relative /> : ""), wide: true },
];

function Tries({ of }: { of: Json[] }) {
  if (!of.length) return <span className="muted">none yet</span>;
  return (
    <ol className="tries">
      {of.map((attempt, index) => (
        <li key={index}>
          <Time at={attempt.created} />: {attempt.response_status ?? attempt.error} in {attempt.latency_ms} ms
          {attempt.response_excerpt && <code className="excerpt">{attempt.response_excerpt}</code>}
        </li>
      ))}
    </ol>
  );
}

function Acts({ endpoint, missed }: { endpoint: Json; missed: Json[] }) {
  const queries = useQueryClient();
  const [writes, resends] = [useMayChange("webhook_endpoints"), useMayChange("events")];
  const on = endpoint.status === "enabled";
  const turn = async (once: string) => {
    await post(`/v1/webhook_endpoints/${endpoint.id}`, { disabled: on }, once);
    tell(endpoint.id, on ? "It is disabled: nothing is sent to it." : "It is enabled.");
    await queries.invalidateQueries();
  };
  const resend = async (once: string) => {
    const events = [...new Set(missed.map((delivery) => delivery.event as string))];
    for (const event of events) await post(`/v1/events/${event}/resend`, { webhook_endpoint: endpoint.id }, `${once}/${event}`);
    tell(endpoint.id, `${events.length} events are sent again.`);
    await queries.invalidateQueries();
  };
  return (
    <>
      {resends && on && missed.length > 0 && (
        <ActDialog open={`Resend ${missed.length} not delivered`} title="Send again?" does="Send again" act={resend}>
          <p>{missed.length} events of this page are sent to {endpoint.url} at once.</p>
        </ActDialog>
      )}
      {writes && (
        <ActDialog open={on ? "Disable" : "Enable"} title={on ? "Disable this endpoint?" : "Enable this endpoint?"} does={on ? "Disable" : "Enable"} danger={on} act={turn}>
          <p>{on ? "What happens from now on is not sent to it." : "What happens from now on is sent to it."}</p>
        </ActDialog>
      )}
    </>
  );
}
