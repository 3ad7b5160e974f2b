/** One payment: how it stands and why, what happens next by itself, everything that belongs to it, and what can be done. */

import { ExternalLink } from "lucide-react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useParams } from "react-router";
import type { Json } from "../api";
import { called, sentence } from "../format";
import { Actions } from "../payment/actions";
import { Attempts, BalanceMoves, DisputesOf, MethodFacts, RefundsOf } from "../payment/belongings";
import { Describe } from "../payment/description";
import { Machine } from "../payment/machine";
import { Metadata } from "../payment/metadata";
import { Unknown } from "../payment/resolving";
import { standing } from "../payment/standing";
import { Timeline } from "../payment/timeline";
import { may, useMayChange, useSession } from "../session";
import { Badge, Card, Copyable, Facts, JsonView, Link, Money, PageHead, Time } from "../ui/basics";
import { Answer, QUICK_MS, useApi } from "../ui/query";
import { Results } from "../ui/results";
import { RequestsTable } from "./logs";

export default function Payment() {
  const { id = "" } = useParams();
  const found = useApi(`/dashboard/v1/payment_intents/${id}/timeline`, {}, { every: QUICK_MS });
  return <Answer of={found}>{(timeline) => <Shown timeline={timeline} id={id} />}</Answer>;
}

function Shown({ timeline, id }: { timeline: Json; id: string }) {
  const session = useSession();
  const intent = timeline.payment_intent as Json;
  const events = timeline.events as Json[];
  const seen = `${events.length} ${events.at(-1)?.id}`;
  const charges = useApi("/v1/charges", { payment_intent: id, limit: 100, expand: ["data.balance_transaction"] }, { enabled: may(session, "charges") && may(session, "balance_transactions"), seen });
  const newest = (charges.data?.data as Json[] | undefined)?.[0];
  const [word, tone] = standing({
    ...intent,
    unknown_since: timeline.pending ?? timeline.owed,
    disputed: newest?.disputed,
    amount_refunded: newest?.amount_refunded ?? 0,
    failure: intent.last_payment_error?.code,
  });
  return (
    <article className="payment">
      <PageHead title={<><Money amount={intent.amount} currency={intent.currency} /> <Badge of={word} tone={tone} /></>} aside={<Actions intent={intent} timeline={{ ...timeline, amount_refunded: newest?.amount_refunded ?? 0 }} />}>
        <h2 className="id"><Copyable text={id} label="the payment's id" /> <span className={`status ${intent.status}`}>{called(intent.status)}</span></h2>
      </PageHead>
      <Results about={id} />
      <Tabs>
        <TabList aria-label="Of this payment" className="tabs">
          <Tab id="overview">Overview</Tab>
          <Tab id="timeline">Timeline</Tab>
          {may(session, "request_logs") && <Tab id="requests">Requests</Tab>}
          <Tab id="json">JSON</Tab>
        </TabList>
        <TabPanel id="overview">
          {timeline.owed && <Unknown intent={intent} owed={timeline.owed} />}
          <Why timeline={timeline} />
          <div className="columns">
            <Overview intent={intent} timeline={timeline} charge={newest} />
            <div>
              <MethodFacts intent={intent} charge={newest} />
              <Metadata path={`/v1/payment_intents/${id}`} about={id} of={intent.metadata} resource="payment_intents" />
            </div>
          </div>
          <Route why={timeline.explanation} />
          <Attempts found={charges} tried={timeline.explanation.attempts} isOwed={Boolean(timeline.pending)} />
          <RefundsOf id={id} seen={seen} />
          <BalanceMoves charges={charges.data?.data} />
          <DisputesOf id={id} seen={seen} />
        </TabPanel>
        <TabPanel id="timeline"><Timeline timeline={timeline} /></TabPanel>
        {may(session, "request_logs") && <TabPanel id="requests"><RequestsTable form={{ object: id, limit: 50 }} /></TabPanel>}
        <TabPanel id="json"><JsonView of={intent} label="The PaymentIntent as JSON" /></TabPanel>
      </Tabs>
    </article>
  );
}

function Why({ timeline }: { timeline: Json }) {
  const why = timeline.explanation as Json;
  const intent = timeline.payment_intent as Json;
  const events = timeline.events as Json[];
  const visited = events.filter((event) => event.object_id === intent.id).map((event) => (event.status ?? "requires_payment_method") as string);
  return (
    <Card title="Why it is as it is, and what happens next" aside={<span className="muted">{why.waits_for === "nobody" ? "It waits for nobody." : `It waits for the ${called(why.waits_for)}.`}</span>}>
      <Machine visited={visited} now={intent.status} />
      {(why.why as string[]).map((text) => <p key={text}>{text}</p>)}
      <h3>By itself</h3>
      {(why.by_itself as Json[]).length === 0 ? <p className="muted">Nothing happens to it by itself.</p> : (
        <ul className="coming">
          {(why.by_itself as Json[]).map((coming) => (
            <li key={coming.what}>{coming.at ? <Time at={coming.at} relative /> : "As soon as it is known"}: {coming.what}</li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** Where it was to be tried, and why there; nothing where there was no choice. */
function Route({ why }: { why: Json }) {
  const gateways = (why.gateways ?? []) as Json[];
  if (!gateways.length) return null;
  return (
    <Card title="Gateways" aside={<span className="muted">{why.route}</span>}>
      <Facts of={gateways.map((one): [string, string] => [one.gateway, one.why])} />
    </Card>
  );
}

function Overview({ intent, timeline, charge }: { intent: Json; timeline: Json; charge: Json | undefined }) {
  const session = useSession();
  const seesCustomers = may(session, "customers");
  const amount = (value: number | null | undefined) => (value ? <Money amount={value} currency={intent.currency} /> : null);
  const mayUpdate = useMayChange("payment_intents");
  return (
    <Card title="Payment" aside={<Describe intent={intent} />}>
      <Facts
        of={[
          ["Amount", <Money key="a" amount={intent.amount} currency={intent.currency} />],
          ["Received", <Money key="r" amount={intent.amount_received} currency={intent.currency} />],
          ["Capturable", amount(intent.amount_capturable)],
          ["Refunded", amount(charge?.amount_refunded)],
          ["Created", <Time key="t" at={intent.created} />],
          ["Customer", intent.customer && (seesCustomers ? <Link key="c" href={`/customers/${intent.customer}`}>{intent.customer}</Link> : intent.customer)],
          ["Description", intent.description],
          ["Receipt to", intent.receipt_email],
          ["Statement", intent.statement_descriptor ?? charge?.calculated_statement_descriptor],
          ["Capture", called(intent.capture_method)],
          ["Last error", intent.last_payment_error && `${intent.last_payment_error.message}${intent.last_payment_error.decline_code ? ` (${called(intent.last_payment_error.decline_code)})` : ""}`],
          ["Canceled because", intent.cancellation_reason && sentence(intent.cancellation_reason)],
          ["Risk", charge?.outcome?.risk_level && `${charge.outcome.risk_level}${charge.outcome.risk_score ? ` (${charge.outcome.risk_score})` : ""}`],
          ["Not known yet", timeline.pending && `What became of: ${called(timeline.pending)}`],
          ["In Temporal", <a key="w" className="link" href={`${session.temporal}/workflows/${intent.id}`} target="_blank" rel="noreferrer">Open in the Temporal UI <ExternalLink size={12} aria-hidden /></a>],
        ]}
      />
      {!mayUpdate && <p className="muted small">To change anything, turn “Allow changes” on.</p>}
    </Card>
  );
}
