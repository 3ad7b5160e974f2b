/** Payments: tabs with counts, every filter, pages, a file of them. All of the view is in the address. */

import { Download, SlidersHorizontal, X } from "lucide-react";
import { type FormEvent, useMemo, useRef, useState } from "react";
import { Button as AriaButton, Input, Label, TextField } from "react-aria-components";
import { NavLink, useNavigate, useSearchParams } from "react-router";
import type { Json } from "../api";
import { number } from "../format";
import { csv, download } from "../payment/export";
import { asked, FILTERS, TABS } from "../payment/filters";
import { FilterForm } from "../payment/filterform";
import { methodText, Standing } from "../payment/standing";
import { useSteady } from "../payment/steady";
import { Button, Clip, Failure, Loading, Money, PageHead, Time } from "../ui/basics";
import { Paging, useCursor } from "../ui/paging";
import { QUICK_MS, useApi } from "../ui/query";
import { DataTable, type Field } from "../ui/table";

const LIMIT = 50;
const COUNTS_MS = 15_000;
const COLUMNS: Field<Json>[] = [
  { name: "Amount", of: (p) => <><Money amount={p.amount} currency={p.currency} coded /><span className="narrow muted">{p.email ?? methodText(p.method)}</span></> },
  { name: "Standing", of: (p) => <><Standing payment={p} />{p.failure && <span className="muted why"> {(p.failure as string).replaceAll("_", " ")}</span>}</> },
  { name: "Method", of: (p) => methodText(p.method), wide: true },
  { name: "Customer", of: (p) => <Clip>{p.email ?? p.customer}</Clip>, wide: true },
  { name: "Description", of: (p) => <Clip>{p.description}</Clip>, wide: true },
  { name: "Created", of: (p) => <Time at={p.created} /> },
];

export default function Payments() {
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const tab = search.get("tab") ?? "all";
  const form = useMemo(() => asked(search), [search]);
  const cursor = useCursor();
  const firstPage = !cursor.starting_after && !cursor.ending_before;
  const page = useApi("/dashboard/v1/payments", { ...form, ...cursor, tab, limit: LIMIT, remembered: true }, firstPage ? { every: QUICK_MS } : {});
  const counts = useApi("/dashboard/v1/payments/counts", { ...form, remembered: true }, { every: COUNTS_MS });
  const steady = useSteady(page.isPlaceholderData ? undefined : (page.data?.data as Json[] | undefined), search.toString());

  const change = (values: Record<string, string>) => {
    const next = new URLSearchParams(search);
    for (const name of ["after", "before"]) next.delete(name);
    for (const [name, value] of Object.entries(values)) value ? next.set(name, value) : next.delete(name);
    setSearch(next);
  };
  const find = (text: string) => (/^pi_\w+$/.test(text) ? void navigate(`/payments/${text}`) : change({ text }));

  return (
    <>
      <PageHead title="Payments" aside={<><Export form={{ ...form, tab }} /><Button onPress={() => setOpen(!isOpen)} aria-expanded={isOpen}><SlidersHorizontal size={16} aria-hidden /> Filters</Button></>} />
      <Tabs search={search} tab={tab} counts={counts.data} />
      <SearchBox key={search.get("text") ?? ""} text={search.get("text") ?? ""} find={find} />
      {isOpen && <FilterForm key={search.toString()} search={search} apply={change} />}
      <Chips search={search} change={change} />
      {page.error ? <Failure error={page.error} /> : null}
      {!page.data ? !page.error && <Loading /> : (
        <div {...steady.held}>
          <div role="status" className="news">
            {steady.waiting > 0 && <Button kind="quiet" onPress={steady.show}>{number(steady.waiting)} new: show</Button>}
          </div>
          <DataTable label="Payments" rows={steady.rows} fields={COLUMNS} id={(p) => p.id} href={(p) => `/payments/${p.id}`} text={(p) => p.id} empty="No payment matches." />
        </div>
      )}
      <Paging page={page.data} />
    </>
  );
}

/** On a telephone the tabs are wider than it. */
const intoSight = (tab: HTMLElement | null): void => tab?.scrollIntoView({ block: "nearest", inline: "nearest" });

function Tabs({ search, tab, counts }: { search: URLSearchParams; tab: string; counts: Json | undefined }) {
  const to = (name: string): string => {
    const next = new URLSearchParams(search);
    for (const gone of ["after", "before", "tab"]) next.delete(gone);
    if (name !== "all") next.set("tab", name);
    return `/payments?${next}`;
  };
  const count = (name: string): string => {
    const found = counts?.tabs[name] as number | null | undefined;
    if (found === undefined || found === null) return "";
    return found >= counts?.counted_max ? `${number(found)}+` : number(found);
  };
  return (
    <nav className="tabs" aria-label="Payments by standing">
      {TABS.map(([name, title]) => (
        <NavLink key={name} to={to(name)} className={name === tab ? "on" : ""} aria-current={name === tab ? "page" : undefined} ref={name === tab ? intoSight : undefined}>{title} <span className="count">{count(name)}</span></NavLink>
      ))}
    </nav>
  );
}

function SearchBox({ text, find }: { text: string; find: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    find(typed.trim());
  };
  return (
    <form className="searchbox" onSubmit={submit}>
      <TextField value={typed} onChange={setTyped}>
        <Label>Search, or a pi_… id</Label>
        <Input placeholder={'4242, 12.50, jenny@example.com, ch_…, status:"succeeded" AND amount>1000'} />
      </TextField>
      <Button type="submit">Search</Button>
    </form>
  );
}

function Chips({ search, change }: { search: URLSearchParams; change: (values: Record<string, string>) => void }) {
  const on = FILTERS.filter(([name]) => search.get(name));
  if (!on.length) return null;
  return (
    <ul className="chips" aria-label="Filters that are on">
      {on.map(([name, title]) => (
        <li key={name}>{title}: {search.get(name)}<AriaButton className="icon" aria-label={`Without: ${title}`} onPress={() => change({ [name]: "" })}><X size={12} aria-hidden /></AriaButton></li>
      ))}
      <li><Button kind="quiet" onPress={() => change(Object.fromEntries(on.map(([name]) => [name, ""])))}>Clear all</Button></li>
    </ul>
  );
}

function Export({ form }: { form: Parameters<typeof csv>[0] }) {
  const [count, setCount] = useState<number>();
  const [error, setError] = useState<unknown>();
  const running = useRef<AbortController>(undefined);
  const start = () => {
    const control = (running.current = new AbortController());
    setError(undefined);
    setCount(0);
    csv(form, setCount, control.signal)
      .then((file) => download(file, `payments-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.csv`))
      .catch((failed: unknown) => control.signal.aborted || setError(failed))
      .finally(() => setCount(undefined));
  };
  if (count !== undefined) return <Button onPress={() => running.current?.abort()}>{number(count)} so far: stop</Button>;
  return <>{error !== undefined && <Failure error={error} />}<Button onPress={start}><Download size={16} aria-hidden /> Export CSV</Button></>;
}
