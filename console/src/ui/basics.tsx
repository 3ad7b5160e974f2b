/** The small parts every page is made of. Text is never markup. */

import { Check, Copy } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button as AriaButton, type ButtonProps, Link as AriaLink, type LinkProps } from "react-aria-components";
import { ApiError } from "../api";
import { briefly, called, fromNow, money, when } from "../format";
import { useNarrow } from "./narrow";

export function Button({ kind = "plain", ...props }: ButtonProps & { kind?: "plain" | "primary" | "danger" | "quiet" }) {
  return <AriaButton {...props} className={`button ${kind}`} />;
}

export const Link = (props: LinkProps) => <AriaLink {...props} className={`link ${props.className ?? ""}`} />;

/** A status, by a word first and a colour second. */
export function Badge({ of, tone }: { of: string; tone?: Tone | undefined }) {
  return <span className={`badge ${tone ?? TONES[of] ?? "neutral"}`}>{called(of)}</span>;
}

export type Tone = "good" | "bad" | "busy" | "warn" | "neutral";
const TONES: Record<string, Tone> = {
  succeeded: "good", delivered: "good", enabled: "good", won: "good", active: "good", available: "good",
  failed: "bad", lost: "bad", needs_response: "bad", disputed: "bad", declined: "bad",
  processing: "busy", pending: "busy", under_way: "busy", requires_action: "busy", retrying: "warn", requires_capture: "warn",
  unknown_outcome: "warn", warning_needs_response: "warn", refunded: "neutral", canceled: "neutral", disabled: "neutral",
};

/** How a webhook's delivery stands. One that was not taken and is tried again is neither under way nor lost. */
export function Delivered({ state, tries }: { state: string; tries: number }) {
  const again = tries > 0 && (state === "pending" || state === "under_way");
  return <Badge of={again ? "tried again" : state} tone={again ? "warn" : undefined} />;
}

export function Time({ at, relative = false }: { at: number; relative?: boolean }) {
  const narrow = useNarrow();
  const iso = new Date(at * 1000).toISOString();
  const text = narrow ? briefly(at) : when(at);
  return <time dateTime={iso} title={iso} className={relative ? "relative" : undefined}>{relative ? `${fromNow(at)} (${text})` : text}</time>;
}

/** `coded` names the currency where its sign does not: many have a dollar. */
export function Money({ amount, currency, coded = false }: { amount: number; currency: string; coded?: boolean }) {
  const [text, code] = [money(amount, currency), currency.toUpperCase()];
  return <><span className="money">{text}</span>{coded && !text.includes(code) && <span className="muted"> {code}</span>}</>;
}

/** What somebody else has written, and may be long: two lines of it, and the rest under the pointer. */
export const Clip = ({ children }: { children: string | null | undefined }) => <span className="clip" title={children ?? undefined} dir="auto">{children}</span>;

/** Browsers have none where a page is neither https nor of this machine. */
const CLIPBOARD = navigator.clipboard as Clipboard | undefined;

/** An id that can be copied. */
export function Copyable({ text, label }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  if (!CLIPBOARD) return <code>{text}</code>;
  const copy = () => void CLIPBOARD.writeText(text).then(() => setCopied(true), () => undefined);
  return (
    <span className="copyable">
      <code>{text}</code>
      <AriaButton className="icon" aria-label={copied ? "Copied" : `Copy ${label ?? text}`} onPress={copy}>
        {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
      </AriaButton>
    </span>
  );
}

/** Names and values; what has no value is not shown. */
export function Facts({ of }: { of: [string, ReactNode][] }) {
  const shown = of.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "");
  return (
    <dl className="facts">
      {shown.map(([name, value]) => (
        <div key={name}><dt>{name}</dt><dd dir="auto">{value}</dd></div>
      ))}
    </dl>
  );
}

export function Card({ title, level = 2, aside, children }: { title: string; level?: 2 | 3; aside?: ReactNode; children: ReactNode }) {
  const Heading = `h${level}` as const;
  return (
    <section className="card" aria-label={title}>
      <header><Heading>{title}</Heading>{aside}</header>
      {children}
    </section>
  );
}

export function PageHead({ title, aside, children }: { title: ReactNode; aside?: ReactNode; children?: ReactNode }) {
  return (
    <div className="page-head">
      <div><h1>{title}</h1>{children}</div>
      {aside && <div className="actions">{aside}</div>}
    </div>
  );
}

/** What went wrong, in the API's own words, and what a restricted key lacks. */
export function Failure({ error }: { error: unknown }) {
  const said = error instanceof Error ? error.message : String(error);
  const lacks = error instanceof ApiError ? error.permission : undefined;
  return <p className="failure" role="alert">{lacks ? `This key may not see this: it lacks ${lacks}.` : said}</p>;
}

export const Empty = ({ children }: { children: ReactNode }) => <p className="empty">{children}</p>;
export const Loading = () => <p className="empty" role="status">Loading…</p>;

export function JsonView({ of, label }: { of: unknown; label: string }) {
  const text = JSON.stringify(of, null, 2);
  return (
    <div className="json">
      {CLIPBOARD && <Button kind="quiet" onPress={() => void CLIPBOARD.writeText(text)}>Copy JSON</Button>}
      <pre tabIndex={0} role="region" aria-label={label}>{text}</pre>
    </div>
  );
}
