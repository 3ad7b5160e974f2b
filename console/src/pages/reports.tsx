/** What reconciliations have found, night by night: where the books of this account's payments do not agree. */

import type { Json } from "../api";
import { number } from "../format";
import { Badge, Card, Empty, Link, PageHead, Time } from "../ui/basics";
import { Answer, useApi } from "../ui/query";
import { DataTable } from "../ui/table";

export default function Reports() {
  const found = useApi("/dashboard/v1/reconciliations", { limit: 30 });
  return (
    <>
      <PageHead title="Reconciliation"><p className="muted">Each night workflows, records, events and the gateways' books are compared. Only what is about this account is shown.</p></PageHead>
      <Answer of={found}>
        {(page) => {
          const reports = page.data as Json[];
          if (!reports.length) return <Empty>Nothing has been compared yet. The first night, or <code>./perdure reconcile</code>, does it.</Empty>;
          return <>{reports.map((report) => <Report key={report.id} report={report} />)}</>;
        }}
      </Answer>
    </>
  );
}

function Report({ report }: { report: Json }) {
  const differences = report.differences as Json[];
  const waiting = (report.under_way as string[]).length;
  return (
    <Card title={new Date(report.ended * 1000).toLocaleDateString()} aside={<Badge of={differences.length ? `${number(differences.length)} differ` : "all agree"} tone={differences.length ? "bad" : "good"} />}>
      <p className="muted">Ended <Time at={report.ended} />.{waiting > 0 && ` ${number(waiting)} were in the middle of something.`}</p>
      {differences.length > 0 && (
        <DataTable
          label="Differences"
          rows={differences}
          id={(d) => `${d.kind} ${d.id} ${d.what}`}
          href={(d) => `/payments/${d.payment_intent}`}
          fields={[
            { name: "What", of: (d) => d.what },
            { name: "Of", of: (d) => <Link href={`/payments/${d.payment_intent}`}>{d.id}</Link> },
            { name: "One book", of: (d) => String(d.ours) },
            { name: "The other", of: (d) => String(d.theirs) },
          ]}
        />
      )}
    </Card>
  );
}
