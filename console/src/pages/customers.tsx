/** Customers: the newest, or whoever is searched for. */

import { type FormEvent, useState } from "react";
import { Input, Label, TextField } from "react-aria-components";
import { useSearchParams } from "react-router";
import type { Json } from "../api";
import { Button, Clip, PageHead, Time } from "../ui/basics";
import { Paging, useCursor } from "../ui/paging";
import { Answer, useApi } from "../ui/query";
import { DataTable } from "../ui/table";

/** One box: an e-mail address, a part of a name, or the query language. */
function query(text: string): string {
  const quoted = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  if (/[:~<>]/.test(text)) return text;
  return text.includes("@") ? `email~"${quoted}"` : `name~"${quoted}" OR email~"${quoted}"`;
}

export default function Customers() {
  const [search, setSearch] = useSearchParams();
  const text = search.get("text") ?? "";
  const [typed, setTyped] = useState(text);
  const cursor = useCursor();
  const found = useApi(text ? "/v1/customers/search" : "/v1/customers", text ? { query: query(text), limit: 50 } : { limit: 50, ...cursor });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSearch(typed.trim() ? { text: typed.trim() } : {});
  };
  return (
    <>
      <PageHead title="Customers" />
      <form className="searchbox" onSubmit={submit}>
        <TextField value={typed} onChange={setTyped}><Label>Search by name or e-mail</Label><Input placeholder="jenny@example.com" /></TextField>
        <Button type="submit">Search</Button>
      </form>
      <Answer of={found}>
        {(page) => (
          <>
            <DataTable
              label="Customers"
              rows={page.data as Json[]}
              id={(c) => c.id}
              href={(c) => `/customers/${c.id}`}
              empty="No customer matches."
              fields={[
                { name: "Customer", of: (c) => <Clip>{c.name ?? c.email ?? c.id}</Clip> },
                { name: "E-mail", of: (c) => <Clip>{c.email}</Clip> },
                { name: "Description", of: (c) => <Clip>{c.description}</Clip>, wide: true },
                { name: "Id", of: (c) => <code>{c.id}</code>, wide: true },
                { name: "Since", of: (c) => <Time at={c.created} />, wide: true },
              ]}
            />
            {!text && <Paging page={page} />}
          </>
        )}
      </Answer>
    </>
  );
}
