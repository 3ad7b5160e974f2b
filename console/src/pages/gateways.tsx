/** The gateways: how each is, how it fares, what it can; and the rules by which payments go to them. */

import type { Json } from "../api";
import { called, number } from "../format";
import { Badge, Card, Facts, Link, PageHead, type Tone } from "../ui/basics";
import { Answer, useApi } from "../ui/query";
import { Rules } from "./rules";

const HEALTHS: Record<string, [string, Tone]> = {
  closed: ["answers", "good"], half_open: ["is it back?", "warn"], open: ["does not answer", "bad"], draining: ["draining", "busy"], paused: ["paused", "neutral"],
};

export default function Gateways() {
  const found = useApi("/dashboard/v1/gateways");
  return (
    <>
      <PageHead title="Gateways" />
      <Answer of={found}>
        {(all) => (
          <>
            <div className="columns">{(all.gateways as Json[]).map((one, index) => <Gateway key={one.name} of={one} isDefault={index === 0} />)}</div>
            <Rules of={all} />
          </>
        )}
      </Answer>
    </>
  );
}

function Gateway({ of, isDefault }: { of: Json; isDefault: boolean }) {
  const [word, tone] = HEALTHS[of.health as string] ?? [of.health as string, "neutral" as Tone];
  const { tried, approved } = of.last_day as { tried: number; approved: number };
  const limited = (name: string): string | null => (of.can[name] ? (of.can[name] as string[]).join(", ") : null);
  return (
    <Card title={of.name} aside={<Badge of={word} tone={tone} />}>
      <Facts
        of={[
          ["Asked", isDefault ? "for whatever no rule sends elsewhere" : "where a rule says so"],
          ["In the last day", tried ? <Link key="d" href={`/payments?gateway=${of.name}`}>{`${number(approved)} of ${number(tried)} attempts approved`}</Link> : "nothing was tried"],
          ["Answers", of.latency === "prompt" ? "at once" : `in seconds; a caller waits ${of.patience_seconds} s at most`],
          ["Answers later", (of.later as string[]).map(called).join(", ")],
          ["Keys are good for", of.keeps_keys_seconds === null ? "ever" : `${number(Math.round(of.keeps_keys_seconds / 86_400))} days`],
          ["Outcomes", of.answers_by_key ? "can be asked by key" : "come by notification"],
          ["Methods", limited("methods")],
          ["Currencies", limited("currencies")],
          ["Card brands", limited("brands")],
          ["At most", of.can.amount_max && `${number(of.can.amount_max)} minor units`],
          ["Lacks", (of.can.lacks as string[]).map(called).join(", ")],
        ]}
      />
    </Card>
  );
}
