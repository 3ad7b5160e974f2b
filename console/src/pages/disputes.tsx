/** Disputes: what buyers' banks have taken back, or ask about, and until when to answer. */

import { useSearchParams } from "react-router";
import type { Json } from "../api";
import { sentence } from "../format";
import { answerBy, Answering, given } from "../payment/evidence";
import { Badge, Button, Card, Copyable, Facts, JsonView, Link, Money, PageHead, Time } from "../ui/basics";
import { Paging, useCursor } from "../ui/paging";
import { Answer, useApi } from "../ui/query";
import { Results } from "../ui/results";
import { DataTable } from "../ui/table";

export default function Disputes() {
  const [search, setSearch] = useSearchParams();
  const found = useApi("/v1/disputes", { limit: 50, ...useCursor() });
  const id = search.get("id");
  return (
    <>
      <PageHead title="Disputes" />
      {id && <One id={id} close={() => setSearch({})} />}
      <Answer of={found}>
        {(page) => (
          <>
            <DataTable
              label="Disputes"
              rows={page.data as Json[]}
              id={(d) => d.id}
              href={(d) => `/disputes?id=${d.id}`}
              empty="Nobody disputes anything."
              fields={[
                { name: "Amount", of: (d) => <Money amount={d.amount} currency={d.currency} /> },
                { name: "Status", of: (d) => <Badge of={d.status} /> },
                { name: "Reason", of: (d) => sentence(d.reason), wide: true },
                { name: "Answer by", of: (d) => (answerBy(d) ? <Time at={d.evidence_details.due_by} relative /> : "") },
                { name: "Payment", of: (d) => <code>{d.payment_intent}</code>, wide: true },
                { name: "Opened", of: (d) => <Time at={d.created} />, wide: true },
              ]}
            />
            <Paging page={page} />
          </>
        )}
      </Answer>
    </>
  );
}

function One({ id, close }: { id: string; close: () => void }) {
  const found = useApi(`/v1/disputes/${id}`);
  return (
    <Answer of={found}>
      {(dispute) => {
        const said = given(dispute);
        const moves = dispute.balance_transactions as Json[];
        return (
          <Card title={`A dispute over ${sentence(dispute.reason).toLowerCase()}`} aside={<span className="actions"><Answering dispute={dispute} /><Button kind="quiet" onPress={close}>Close</Button></span>}>
            <Results about={id} />
            <Facts
              of={[
                ["Dispute", <Copyable key="i" text={dispute.id} />],
                ["Amount", <Money key="a" amount={dispute.amount} currency={dispute.currency} />],
                ["Status", <Badge key="s" of={dispute.status} />],
                ["Answer by", answerBy(dispute) && <Time key="b" at={dispute.evidence_details.due_by} relative />],
                ["Opened", <Time key="o" at={dispute.created} />],
                ["Payment", <Link key="p" href={`/payments/${dispute.payment_intent}`}>{dispute.payment_intent}</Link>],
                ["Network's reason", dispute.payment_method_details?.card?.network_reason_code],
                ["On the balance", moves.length > 0 && <ul key="m" className="plain">{moves.map((move) => <li key={move.id}><Money amount={move.net} currency={move.currency} /> <span className="muted">{move.description}</span></li>)}</ul>],
                ["Sent to the bank", dispute.evidence_details?.submission_count ? `${dispute.evidence_details.submission_count} times` : "Nothing yet"],
                ...(said.length ? said : [["Evidence", "None was given."] as [string, string]]),
              ]}
            />
            <details><summary>JSON</summary><JsonView of={dispute} label="The dispute as JSON" /></details>
          </Card>
        );
      }}
    </Answer>
  );
}
