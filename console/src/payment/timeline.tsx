/** What happened to a payment, who was told of it, and what comes. */

import { useQueryClient } from "@tanstack/react-query";
import { type Json, post } from "../api";
import { called } from "../format";
import { may, useMayChange, useSession } from "../session";
import { Card, Delivered, Empty, Link, Time } from "../ui/basics";
import { ActDialog } from "../ui/dialog";
import { tell } from "../ui/results";

export function Timeline({ timeline }: { timeline: Json }) {
  const events = timeline.events as Json[];
  const id = timeline.payment_intent.id as string;
  if (!events.length) return <Empty>Nothing has happened yet.</Empty>;
  const unheard = events.filter((event) => (event.deliveries as Json[]).some((delivery) => delivery.state !== "delivered"));
  return (
    <Card title="Timeline" aside={<Resend events={unheard} about={id} open="Resend all that were not delivered" />}>
      <ol className="timeline">
        {events.map((event) => <Happened key={event.id} event={event} about={id} />)}
        {(timeline.explanation.by_itself as Json[]).map((coming, index) => (
          <li key={`coming ${index}`} className="timer">
            {coming.at && <Time at={coming.at} />} {called((timeline.timers as Json[])[0]?.what ?? "")}, by itself: {coming.what}
          </li>
        ))}
      </ol>
    </Card>
  );
}

function Happened({ event, about }: { event: Json; about: string }) {
  const session = useSession();
  const deliveries = event.deliveries as Json[];
  return (
    <li>
      <Time at={event.created} /> <strong>{may(session, "events") ? <Link href={`/events/${event.id}`}>{event.type}</Link> : event.type}</strong>{" "}
      <span className="muted">{event.object_id}</span>
      {event.request && may(session, "request_logs") && <> <Link href={`/logs/${event.request}`}>by {event.request}</Link></>}
      {deliveries.length > 0 && (
        <ul aria-label={`Webhooks of ${event.type}`}>
          {deliveries.map((delivery) => <Delivery key={delivery.endpoint} delivery={delivery} />)}
        </ul>
      )}
      <Resend events={deliveries.length ? [event] : []} about={about} open="Resend" />
    </li>
  );
}

function Delivery({ delivery }: { delivery: Json }) {
  const tries = delivery.attempts as Json[];
  const last = tries.at(-1);
  return (
    <li>
      <Delivered state={delivery.state} tries={tries.length} /> <Link href={`/webhooks/${delivery.endpoint}`}>{delivery.url ?? delivery.endpoint}</Link>{" "}
      <span className="muted">{last ? `${last.status ?? last.error}, try ${tries.length}, ${last.latency_ms} ms` : "not tried yet"}</span>
      {delivery.state !== "delivered" && delivery.due && <> again <Time at={delivery.due} relative /></>}
    </li>
  );
}

/** Send events once more, to whoever wants them. */
export function Resend({ events, about, open }: { events: Json[]; about: string; open: string }) {
  const mayChange = useMayChange("events");
  const queries = useQueryClient();
  if (!mayChange || !events.length) return null;
  const act = async (once: string) => {
    for (const event of events) await post(`/v1/events/${event.id}/resend`, {}, `${once}/${event.id}`);
    tell(about, events.length === 1 ? `${events[0]?.type} is sent again.` : `${events.length} events are sent again.`);
    await queries.invalidateQueries();
  };
  return (
    <ActDialog open={open} quiet title="Send again?" does="Send again" act={act}>
      <ul>{events.map((event) => <li key={event.id}>{event.type} <span className="muted">{event.id}</span></li>)}</ul>
    </ActDialog>
  );
}
