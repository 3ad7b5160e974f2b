/** Bars of what each day brought, and the same as a table for whoever does not see them. */

import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { day, digitsOf, money, number } from "../format";

interface Day {
  day: number;
  received: number;
  succeeded: number;
  intents: number;
}

export function Bars({ series, currency }: { series: Day[]; currency: string }) {
  const scale = 10 ** digitsOf(currency);
  const short = (value: number) => new Intl.NumberFormat(navigator.language, { notation: "compact" }).format(value / scale);
  const most = Math.max(0, ...series.map((one) => one.received));
  return (
    <>
      <div className="chart" role="img" aria-label={`Received by day, in ${currency}; the most in a day is ${money(most, currency)}`}>
        <ResponsiveContainer width="100%" height={220}>
          <BarChart data={series} accessibilityLayer={false} margin={{ left: 0, right: 8, top: 8, bottom: 0 }}>
            <CartesianGrid vertical={false} stroke="var(--line)" />
            <XAxis dataKey="day" tickFormatter={day} tick={{ fill: "var(--quiet)", fontSize: 12 }} minTickGap={32} stroke="var(--line)" />
            <YAxis tickFormatter={short} tick={{ fill: "var(--quiet)", fontSize: 12 }} width={48} stroke="var(--line)" />
            <Tooltip cursor={{ fill: "var(--hover)" }} content={({ active, payload }) => (active && payload?.[0] ? <Said of={payload[0].payload as Day} currency={currency} /> : null)} />
            <Bar dataKey="received" fill="var(--accent)" radius={[3, 3, 0, 0]} isAnimationActive={false} />
          </BarChart>
        </ResponsiveContainer>
      </div>
      <details>
        <summary>As a table</summary>
        <div className="scroll" tabIndex={0} role="region" aria-label="Received by day">
          <table className="plain-table">
            <thead><tr><th scope="col">Day (UTC)</th><th scope="col">Received</th><th scope="col">Paid</th></tr></thead>
            <tbody>
              {series.filter((one) => one.intents > 0).map((one) => (
                <tr key={one.day}><td>{day(one.day)}</td><td>{money(one.received, currency)}</td><td>{number(one.succeeded)} of {number(one.intents)}</td></tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}

const Said = ({ of, currency }: { of: Day; currency: string }) => (
  <p className="tip">{day(of.day)}: {money(of.received, currency)}, {number(of.succeeded)} of {number(of.intents)} paid</p>
);
