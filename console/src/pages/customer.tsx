/** One customer: who it is, how they pay, what they have paid. */

import { useParams } from "react-router";
import type { Json } from "../api";
import { called } from "../format";
import { methodText, Standing } from "../payment/standing";
import { Metadata } from "../payment/metadata";
import { may, useSession } from "../session";
import { Card, Copyable, Facts, JsonView, Link, Money, PageHead, Time } from "../ui/basics";
import { Answer, useApi } from "../ui/query";
import { Results } from "../ui/results";
import { DataTable } from "../ui/table";

export default function Customer() {
  const { id = "" } = useParams();
  const session = useSession();
  const found = useApi(`/v1/customers/${id}`);
  const methods = useApi(`/v1/customers/${id}/payment_methods`, { limit: 100 }, { enabled: may(session, "customers") });
  const seesPayments = may(session, "payment_intents") && may(session, "charges");
  const payments = useApi("/dashboard/v1/payments", { customer: id, limit: 20 }, { enabled: seesPayments });
  return (
    <Answer of={found}>
      {(customer) => (
        <>
          <PageHead title={customer.name ?? customer.email ?? (customer.deleted ? "A deleted customer" : "Customer")}><Copyable text={id} label="the customer's id" /></PageHead>
          <Results about={id} />
          <div className="columns">
            <Card title="Customer">
              <Facts
                of={[
                  ["E-mail", customer.email], ["Phone", customer.phone], ["Description", customer.description],
                  ["Since", customer.created && <Time key="t" at={customer.created} />],
                  ["Address", customer.address && Object.values(customer.address as Json).filter(Boolean).join(", ")],
                  ["Default method", customer.invoice_settings?.default_payment_method],
                ]}
              />
            </Card>
            {customer.metadata && <Metadata path={`/v1/customers/${id}`} about={id} of={customer.metadata} resource="customers" />}
          </div>
          {seesPayments && (
            <Card title="Payments" aside={<Link href={`/payments?customer=${id}`}>All</Link>}>
              <Answer of={payments}>
                {(page) => (
                  <DataTable
                    label="Payments"
                    rows={page.data as Json[]}
                    id={(p) => p.id}
                    href={(p) => `/payments/${p.id}`}
                    empty="They have paid nothing yet."
                    fields={[
                      { name: "Amount", of: (p) => <Money amount={p.amount} currency={p.currency} /> },
                      { name: "Standing", of: (p) => <Standing payment={p} /> },
                      { name: "Method", of: (p) => methodText(p.method), wide: true },
                      { name: "Created", of: (p) => <Time at={p.created} /> },
                    ]}
                  />
                )}
              </Answer>
            </Card>
          )}
          <Card title="Payment methods">
            <Answer of={methods}>
              {(page) => (
                <DataTable
                  label="Payment methods"
                  rows={page.data as Json[]}
                  id={(m) => m.id}
                  empty="None are kept."
                  fields={[
                    { name: "Method", of: (m) => methodText({ type: m.type, brand: m[m.type]?.brand, last4: m[m.type]?.last4 }) },
                    { name: "Expires", of: (m) => (m.card ? `${m.card.exp_month}/${m.card.exp_year}` : "") },
                    { name: "Id", of: (m) => <code>{m.id}</code>, wide: true },
                    { name: "Shown again", of: (m) => called(m.allow_redisplay ?? ""), wide: true },
                  ]}
                />
              )}
            </Answer>
          </Card>
          <details><summary>JSON</summary><JsonView of={customer} label="The customer as JSON" /></details>
        </>
      )}
    </Answer>
  );
}
