/** The balance: what is there, what is to come, and every movement with its fee. */

import { useState } from "react";
import { useSearchParams } from "react-router";
import type { Json } from "../api";
import { sentence } from "../format";
import { may, useSession } from "../session";
import { Badge, Button, Card, Link, Money, PageHead, Time } from "../ui/basics";
import { Select } from "../ui/fields";
import { Paging, useCursor } from "../ui/paging";
import { Answer, useApi } from "../ui/query";
import { DataTable } from "../ui/table";

/** Stripe's words for what moved; a charge is of a card, a payment of anything else, and of what a platform has transferred. */
const WORDS: Record<string, string> = {
  charge: "Charge", payment: "Payment", refund: "Refund", payment_refund: "Payment refunded", adjustment: "Dispute or adjustment", refund_failure: "Refund that came back",
  payment_failure_refund: "Payment that failed late", application_fee: "Application fee", application_fee_refund: "Application fee given back", transfer: "Transfer to an account",
  transfer_refund: "Transfer given back",
};
const TYPES: [string, string][] = [["", "Everything"], ...Object.entries(WORDS)];

export default function Balance() {
  const [search, setSearch] = useSearchParams();
  const session = useSession();
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
                  { name: "Type", of: (m) => WORDS[m.type] ?? sentence(m.type) },
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
      {may(session, "dashboard") && <Ledger />}
    </>
  );
}

const BOOKS: [string, string][] = [["gateway", "Owed by gateways"], ["balance", "The balance"], ["fees", "Fees"], ["accounts", "Between accounts"]];

/** The double entry underneath. It is read whole, so only when somebody asks for it. */
function Ledger() {
  const [isOpen, open] = useState(false);
  const found = useApi("/dashboard/v1/ledger", {}, { enabled: isOpen, every: 60_000 });
  return (
    <Card title="Ledger" aside={!isOpen && <Button onPress={() => open(true)}>Add it up</Button>}>
      <p className="muted">What each book holds. In every currency, all of them together come to nothing.</p>
      {isOpen && <Answer of={found}>{(ledger) => <Books of={ledger} />}</Answer>}
    </Card>
  );
}

interface Held {
  currency: string;
  books: Map<string, number>;
}

function byCurrency(books: Json[]): Held[] {
  const found = new Map<string, Map<string, number>>();
  for (const one of books) found.set(one.currency, (found.get(one.currency) ?? new Map()).set(one.book, one.amount));
  return [...found].map(([currency, held]) => ({ currency, books: held }));
}

function Books({ of }: { of: Json }) {
  const rows = byCurrency(of.books);
  const names = [...new Set([...BOOKS.map(([name]) => name), ...rows.flatMap((row) => [...row.books.keys()])])];
  const shown = names.filter((name) => rows.some((row) => row.books.has(name)));
  const total = (row: Held): number => [...row.books.values()].reduce((sum, amount) => sum + amount, 0);
  return (
    <DataTable
      label="Books by currency"
      rows={rows}
      id={(row) => row.currency}
      empty="Nothing was booked yet."
      fields={[
        { name: "Currency", of: (row) => row.currency.toUpperCase() },
        ...shown.map((name) => ({ name: new Map(BOOKS).get(name) ?? sentence(name), of: (row: Held) => <Money amount={row.books.get(name) ?? 0} currency={row.currency} />, align: "end" as const })),
        { name: "Together", of: (row) => (total(row) === 0 ? <Badge of="nothing" tone="good" /> : <><Badge of="it differs" tone="bad" /> <Money amount={total(row)} currency={row.currency} /></>) },
      ]}
    />
  );
}
