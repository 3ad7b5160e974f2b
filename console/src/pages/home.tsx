/** An account at a glance: what came in, how much of what was tried is paid, why not, and what somebody has to look at. */

import { useState } from "react";
import type { Json } from "../api";
import { called, number } from "../format";
import { Bars } from "../ui/bars";
import { Card, Link, Money, PageHead, Time } from "../ui/basics";
import { Select } from "../ui/fields";
import { Answer, useApi } from "../ui/query";
import { DataTable } from "../ui/table";

const DAYS: [string, string][] = [["7", "7 days"], ["30", "30 days"], ["90", "90 days"], ["365", "A year"]];
const DAY_SECONDS = 86_400;

export default function Home() {
  const [days, setDays] = useState("30");
  const [chosen, setCurrency] = useState("");
  const found = useApi("/dashboard/v1/home", { days });
  const currencies = byVolume((found.data?.volume ?? []) as Json[]);
  const currency = currencies.includes(chosen) ? chosen : (currencies[0] ?? "usd");
  const options = (currencies.length ? currencies : [currency]).map((one): [string, string] => [one, one.toUpperCase()]);
  return (
    <>
      <PageHead
        title="Home"
        aside={<><Select label="Currency" hideLabel value={currency} options={options} onChange={setCurrency} /><Select label="Days" hideLabel value={days} options={DAYS} onChange={setDays} /></>}
      />
      <Answer of={found}>{(home) => <Shown home={home} currency={currency} days={Number(days)} />}</Answer>
    </>
  );
}

function byVolume(volume: Json[]): string[] {
  const payments = new Map<string, number>();
  for (const row of volume) payments.set(row.currency, (payments.get(row.currency) ?? 0) + row.intents);
  return [...payments].sort(([, a], [, b]) => b - a).map(([currency]) => currency);
}

const sum = (rows: Json[], name: string): number => rows.reduce((total, row) => total + (row[name] as number), 0);

function Shown({ home, currency, days }: { home: Json; currency: string; days: number }) {
  const of = (rows: Json[]): Json[] => rows.filter((row) => row.currency === currency);
  const [volume, attempts, failures] = [of(home.volume), of(home.attempts), of(home.failures)];
  const [tried, approved] = [sum(attempts, "tried"), sum(attempts, "approved")];
  const series = Array.from({ length: days }, (_, index) => {
    const day = home.since + index * DAY_SECONDS;
    const found = volume.find((row) => row.day === day);
    return { day, received: (found?.received ?? 0) as number, succeeded: (found?.succeeded ?? 0) as number, intents: (found?.intents ?? 0) as number };
  });
  return (
    <>
      <ul className="figures">
        <Figure name="Received"><Money amount={sum(volume, "received")} currency={currency} /></Figure>
        <Figure name="Payments paid" of={`of ${number(sum(volume, "intents"))}`}>{number(sum(volume, "succeeded"))}</Figure>
        <Figure name="Success rate" of={`${number(approved)} of ${number(tried)} that were tried`}>{tried ? `${((100 * approved) / tried).toFixed(1)} %` : "—"}</Figure>
        <Figure name="Refunded"><Money amount={sum(attempts, "refunded")} currency={currency} /></Figure>
      </ul>
      <Card title={`Received by day, in ${currency.toUpperCase()}`}><Bars series={series} currency={currency} /></Card>
      <div className="columns">
        <Card title="Failures by reason">
          {failures.length === 0 ? <p className="muted">No charge has failed in {days} days.</p> : (
            <DataTable
              label="Failures by reason"
              rows={failures}
              id={(f) => f.reason}
              href={() => `/payments?tab=failed&currency=${currency}`}
              fields={[{ name: "Reason", of: (f) => called(f.reason) }, { name: "Charges", of: (f) => number(f.charges), align: "end" }]}
            />
          )}
        </Card>
        <div>
          <Waiting title="Holds that lapse within two days" of={home.holds} all="/payments?tab=uncaptured" none="No hold is about to lapse." />
          <Waiting title="Outcomes that are not known" of={home.unknown} all="/attention" none="Every outcome is known." />
          <Card title="To answer">
            <ul className="plain">
              <li>{home.disputes ? <Link href="/disputes">{home.disputes === 1 ? "1 dispute needs a response" : `${number(home.disputes)} disputes need a response`}</Link> : "No dispute needs a response."}</li>
              <li>{home.webhooks_failing ? <Link href="/webhooks">{failing(home.webhooks_failing)}</Link> : "Every webhook endpoint takes what it is sent."}</li>
            </ul>
          </Card>
        </div>
      </div>
    </>
  );
}

const failing = (count: number): string => (count === 1 ? "1 webhook endpoint does not take what it is sent" : `${number(count)} webhook endpoints do not take what they are sent`);

function Figure({ name, of, children }: { name: string; of?: string; children: React.ReactNode }) {
  return <li className="figure"><span className="muted">{name}</span><strong>{children}</strong>{of && <span className="muted small">{of}</span>}</li>;
}

function Waiting({ title, of, all, none }: { title: string; of: Json; all: string; none: string }) {
  const sums = of.by_currency as Json[];
  if (!sums.length) return <Card title={title}><p className="muted">{none}</p></Card>;
  return (
    <Card title={title} aside={<Link href={all}>All</Link>}>
      <p>{sums.map((row, index) => <span key={row.currency}>{index > 0 && ", "}{number(row.payments)} over <Money amount={row.amount} currency={row.currency} /></span>)}</p>
      <ul className="plain">
        {(of.first as Json[]).map((payment) => (
          <li key={payment.id}><Link href={`/payments/${payment.id}`}><Money amount={payment.amount} currency={payment.currency} /></Link> <Time at={payment.at} relative /></li>
        ))}
      </ul>
    </Card>
  );
}
