/** The balance: what is there, what is to come, and every movement with its fee. */

import { useSearchParams } from "react-router";
import type { Json } from "../api";
import { called, sentence } from "../format";
import { Badge, Card, Link, Money, PageHead, Time } from "../ui/basics";
import { Select } from "../ui/fields";
import { Paging, useCursor } from "../ui/paging";
import { Answer, useApi } from "../ui/query";
import { DataTable } from "../ui/table";

const TYPES: [string, string][] = [["", "Everything"], ...["charge", "payment", "refund", "payment_refund", "adjustment", "refund_failure", "payment_failure_refund"].map((type): [string, string] => [type, sentence(type)])];

export default function Balance() {
  const [search, setSearch] = useSearchParams();
  const type = search.get("type") ?? "";
  const balance = useApi("/v1/balance");
  const moves = useApi("/v1/balance_transactions", { limit: 50, type: type || undefined, ...useCursor() });
  return (
    <>
      <PageHead title="Balance" />
      <Answer of={balance}>
        {(found) => (
          <ul className="figures">
            {(["available", "pending"] as const).flatMap((kind) =>
              ((found[kind] ?? []) as Json[]).map((sum) => (
                <li key={`${kind} ${sum.currency}`} className="figure"><span className="muted">{sentence(kind)}, {sum.currency.toUpperCase()}</span><strong><Money amount={sum.amount} currency={sum.currency} /></strong></li>
              )))}
          </ul>
        )}
      </Answer>
      <Card title="Movements" aside={<Select label="Type" hideLabel value={type} options={TYPES} onChange={(next) => setSearch(next ? { type: next } : {})} />}>
        <Answer of={moves}>
          {(page) => (
            <>
              <DataTable
                label="Movements"
                rows={page.data as Json[]}
                id={(m) => m.id}
                empty="Nothing has moved."
                fields={[
                  { name: "Gross", of: (m) => <Money amount={m.amount} currency={m.currency} /> },
                  { name: "Fee", of: (m) => <Money amount={m.fee} currency={m.currency} />, wide: true },
                  { name: "Net", of: (m) => <Money amount={m.net} currency={m.currency} /> },
                  { name: "Type", of: (m) => called(m.type) },
                  { name: "Of", of: (m) => <Link href={`/payments?text=${m.source}`}>{m.source}</Link>, wide: true },
                  { name: "Available", of: (m) => <><Badge of={m.status} /> <Time at={m.available_on} /></>, wide: true },
                  { name: "Booked", of: (m) => <Time at={m.created} />, wide: true },
                ]}
              />
              <Paging page={page} />
            </>
          )}
        </Answer>
      </Card>
    </>
  );
}
