/** What belongs to a payment: the method, each attempt, refunds, what it did to the balance, disputes. */

import type { UseQueryResult } from "@tanstack/react-query";
import type { Json } from "../api";
import { called, sentence } from "../format";
import { may, useSession } from "../session";
import { Badge, Card, Facts, Link, Money, Time } from "../ui/basics";
import { Answer, useApi } from "../ui/query";
import { DataTable } from "../ui/table";
import { answerBy } from "./evidence";
import { methodText } from "./standing";

/** The method's own hash has what tells it from others; those of cards have more. */
function glance(method: Json | null | undefined): Json | undefined {
  if (!method?.type) return undefined;
  const own = (method[method.type as string] ?? {}) as Json;
  return { type: method.type, brand: own.brand, last4: own.last4 };
}

export function MethodFacts({ intent, charge }: { intent: Json; charge: Json | undefined }) {
  const session = useSession();
  const id = intent.payment_method as string | null;
  const found = useApi(`/v1/payment_methods/${id}`, {}, { enabled: Boolean(id) && may(session, "payment_methods") });
  const failed = intent.last_payment_error?.payment_method as Json | undefined;
  const method = (id ? found.data : undefined) ?? failed ?? (charge?.payment_method_details as Json | undefined);
  const card = (method?.card ?? charge?.payment_method_details?.card) as Json | undefined;
  const checks = (charge?.payment_method_details?.card?.checks ?? card?.checks) as Json | undefined;
  const billing = (method?.billing_details ?? charge?.billing_details) as Json | undefined;
  if (!method) return <Card title="Payment method"><p className="muted">None yet.</p></Card>;
  return (
    <Card title="Payment method">
      <Facts
        of={[
          ["Paid with", methodText(glance(method))],
          ["Id", id ?? failed?.id],
          ["Expires", card?.exp_month && `${card.exp_month}/${card.exp_year}`],
          ["Kind", card && [card.funding, card.country].filter(Boolean).join(", ")],
          ["Checks", checks && Object.entries(checks).filter(([, value]) => value).map(([name, value]) => `${called(name.replace(/_check$/, ""))}: ${value}`).join(", ")],
          ["Name", billing?.name],
          ["E-mail", billing?.email],
        ]}
      />
    </Card>
  );
}

/** `tried` says of each charge which gateway it was asked of, which Stripe's object has no word for. */
export function Attempts({ found, tried, isOwed }: { found: UseQueryResult<Json>; tried: Json[]; isOwed: boolean }) {
  const gateways = new Map(tried.map((one) => [one.charge as string, one.gateway as string]));
  if (!found.data && !found.error && found.fetchStatus === "idle") return null;
  return (
    <Card title="Attempts">
      <Answer of={found}>
        {(charges) => (
          <DataTable
            label="Attempts"
            rows={charges.data as Json[]}
            id={(c) => c.id}
            empty={isOwed ? "One is under way; the gateway has not said how it has ended." : "Nobody has tried to pay yet."}
            fields={[
              { name: "Charge", of: (c) => <code>{c.id}</code>, wide: true },
              { name: "Amount", of: (c) => <Money amount={c.amount} currency={c.currency} /> },
              { name: "Status", of: (c) => <Badge of={c.status} /> },
              { name: "What the bank said", of: (c) => c.failure_message ?? c.outcome?.seller_message ?? "" },
              { name: "Reason", of: (c) => called(c.outcome?.reason ?? c.failure_code ?? ""), wide: true },
              { name: "Gateway", of: (c) => gateways.get(c.id as string) ?? "", wide: true },
              { name: "When", of: (c) => <Time at={c.created} /> },
            ]}
          />
        )}
      </Answer>
    </Card>
  );
}

export function RefundsOf({ id, seen }: { id: string; seen: string }) {
  const mayRead = may(useSession(), "refunds");
  const found = useApi("/v1/refunds", { payment_intent: id, limit: 100 }, { enabled: mayRead, seen });
  const refunds = (found.data?.data ?? []) as Json[];
  if (!refunds.length) return null;
  return (
    <Card title="Refunds">
      <DataTable
        label="Refunds"
        rows={refunds}
        id={(r) => r.id}
        fields={[
          { name: "Refund", of: (r) => <code>{r.id}</code>, wide: true },
          { name: "Amount", of: (r) => <Money amount={r.amount} currency={r.currency} /> },
          { name: "Status", of: (r) => <Badge of={r.status} /> },
          { name: "Reason", of: (r) => sentence(r.failure_reason ?? r.reason ?? ""), wide: true },
          { name: "When", of: (r) => <Time at={r.created} /> },
        ]}
      />
    </Card>
  );
}

export function BalanceMoves({ charges }: { charges: Json[] | undefined }) {
  const moves = (charges ?? []).map((charge) => charge.balance_transaction as Json | null).filter((move): move is Json => Boolean(move?.id));
  if (!moves.length) return null;
  return (
    <Card title="Fees and net" aside={<Link href="/balance">Balance</Link>}>
      <DataTable
        label="What it did to the balance"
        rows={moves}
        id={(m) => m.id}
        fields={[
          { name: "Gross", of: (m) => <Money amount={m.amount} currency={m.currency} /> },
          { name: "Fee", of: (m) => <Money amount={m.fee} currency={m.currency} /> },
          { name: "Net", of: (m) => <Money amount={m.net} currency={m.currency} /> },
          { name: "Available", of: (m) => <><Badge of={m.status} /> <Time at={m.available_on} /></>, wide: true },
        ]}
      />
    </Card>
  );
}

export function DisputesOf({ id, seen }: { id: string; seen: string }) {
  const mayRead = may(useSession(), "disputes");
  const found = useApi("/v1/disputes", { payment_intent: id, limit: 100 }, { enabled: mayRead, seen });
  const disputes = (found.data?.data ?? []) as Json[];
  if (!disputes.length) return null;
  return (
    <Card title="Disputes">
      <DataTable
        label="Disputes"
        rows={disputes}
        id={(d) => d.id}
        href={(d) => `/disputes?id=${d.id}`}
        fields={[
          { name: "Dispute", of: (d) => <code>{d.id}</code> },
          { name: "Amount", of: (d) => <Money amount={d.amount} currency={d.currency} /> },
          { name: "Status", of: (d) => <Badge of={d.status} /> },
          { name: "Reason", of: (d) => sentence(d.reason), wide: true },
          { name: "Answer by", of: (d) => (answerBy(d) ? <Time at={d.evidence_details.due_by} relative /> : ""), wide: true },
        ]}
      />
    </Card>
  );
}
