/** Webhook endpoints: where events are sent, and how they are taken there. */

import type { Json } from "../api";
import { number } from "../format";
import { Badge, PageHead, Time, type Tone } from "../ui/basics";
import { Answer, useApi } from "../ui/query";
import { DataTable } from "../ui/table";

/** What became of the newest deliveries, in words. */
export function Health({ of }: { of: Json | undefined }) {
  if (!of) return <span className="muted">Nothing was sent yet</span>;
  const count = (state: string) => (of[state]?.deliveries ?? 0) as number;
  const sent = Object.values(of as Record<string, Json>).reduce((total, one) => total + (one.deliveries as number), 0);
  const bad = count("failed") + count("retrying");
  const [word, tone]: [string, Tone] = bad * 2 > sent ? ["failing", "bad"] : bad ? ["some fail", "warn"] : count("delivered") ? ["healthy", "good"] : ["not tried yet", "neutral"];
  return (
    <>
      <Badge of={word} tone={tone} />{" "}
      <span className="muted">{number(count("delivered"))} of the last {number(sent)} taken{count("retrying") ? `, ${number(count("retrying"))} tried again` : ""}</span>
    </>
  );
}

export default function Webhooks() {
  const endpoints = useApi("/v1/webhook_endpoints", { limit: 100 });
  const health = useApi("/dashboard/v1/webhooks/health");
  return (
    <>
      <PageHead title="Webhooks" />
      <Answer of={endpoints}>
        {(page) => (
          <DataTable
            label="Webhook endpoints"
            rows={page.data as Json[]}
            id={(w) => w.id}
            href={(w) => `/webhooks/${w.id}`}
            empty="Nobody is told of anything. POST /v1/webhook_endpoints makes an endpoint."
            fields={[
              { name: "URL", of: (w) => <span className="path">{w.url}</span> },
              { name: "Status", of: (w) => <Badge of={w.status} /> },
              { name: "Health", of: (w) => <Health of={health.data?.endpoints[w.id]} /> },
              { name: "Events", of: (w) => (w.enabled_events as string[]).slice(0, 3).join(", ") + ((w.enabled_events as string[]).length > 3 ? ", …" : ""), wide: true },
              { name: "Made", of: (w) => <Time at={w.created} />, wide: true },
            ]}
          />
        )}
      </Answer>
    </>
  );
}
