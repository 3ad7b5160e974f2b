/** Payments of which something is not known, the oldest first: what, since when, and whether somebody has to say it. */

import type { Json } from "../api";
import { called } from "../format";
import { waitsForAPerson } from "../payment/resolving";
import { Badge, Copyable, Money, PageHead, Time } from "../ui/basics";
import { Answer, useApi } from "../ui/query";
import { DataTable } from "../ui/table";

export default function Attention() {
  const found = useApi("/dashboard/v1/attention", {}, { every: 10_000 });
  return (
    <>
      <PageHead title="Attention">
        <p className="muted">What was asked of a gateway, and nobody knows how it ended. It is asked again by itself while its gateway keeps the key; after that, whoever runs this finds out there, and says it on the payment&apos;s page.</p>
      </PageHead>
      <Answer of={found}>
        {(page) => (
          <>
            <DataTable
              label="Payments of which something is not known"
              rows={page.data as Json[]}
              id={(row) => row.payment.id}
              href={(row) => `/payments/${row.payment.id}`}
              text={(row) => `${row.payment.id}, ${called(row.owed.operation)}`}
              empty="Everything is known."
              fields={[
                { name: "Payment", of: (row) => <Money amount={row.payment.amount} currency={row.payment.currency} coded /> },
                { name: "Not known", of: (row) => called(row.owed.operation) },
                { name: "Waits for", of: (row) => <Waits owed={row.owed} /> },
                { name: "Since", of: (row) => row.owed.since && <Time at={row.owed.since} relative />, wide: true },
                { name: "Gateway", of: (row) => row.owed.gateway, wide: true },
                { name: "Id", of: (row) => <Copyable text={row.payment.id} label="the payment's id" />, wide: true },
              ]}
            />
            {page.has_more && <p className="muted">There are more; the oldest are shown.</p>}
            {!page.looked_through && <p className="muted">What was begun and not ended is not shown: there are too many open payments to look through.</p>}
          </>
        )}
      </Answer>
    </>
  );
}

function Waits({ owed }: { owed: Json }) {
  if (waitsForAPerson(owed)) return <Badge of="somebody" tone="bad" />;
  return <Badge of={owed.taken_on ? "the gateway's news" : "the gateway"} tone="busy" />;
}
