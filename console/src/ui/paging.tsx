/** Pages by cursor, kept in the address: a page that is sent to somebody is the same there. */

import { ChevronLeft, ChevronRight } from "lucide-react";
import { useSearchParams } from "react-router";
import type { Json } from "../api";
import { Button } from "./basics";

/** What to ask for, from the address. */
export function useCursor(): { starting_after?: string; ending_before?: string } {
  const [search] = useSearchParams();
  const after = search.get("after");
  const before = search.get("before");
  return after ? { starting_after: after } : before ? { ending_before: before } : {};
}

export function Paging({ page }: { page: Json | undefined }) {
  const [search, setSearch] = useSearchParams();
  const rows: Json[] = page?.data ?? [];
  const first = rows[0]?.id as string | undefined;
  const last = rows.at(-1)?.id as string | undefined;
  const [after, before] = [search.get("after"), search.get("before")];
  const go = (name: "after" | "before", id: string) => {
    const next = new URLSearchParams(search);
    next.delete("after");
    next.delete("before");
    next.set(name, id);
    setSearch(next);
  };
  const newer = Boolean(first) && (after !== null || (before !== null && page?.has_more));
  const older = Boolean(last) && (before !== null || page?.has_more);
  if (!newer && !older) return null;
  return (
    <nav className="paging" aria-label="Pages">
      <Button isDisabled={!newer} onPress={() => first && go("before", first)}><ChevronLeft size={16} aria-hidden /> Newer</Button>
      <Button isDisabled={!older} onPress={() => last && go("after", last)}>Older <ChevronRight size={16} aria-hidden /></Button>
    </nav>
  );
}
