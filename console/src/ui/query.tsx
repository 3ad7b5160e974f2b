/** A page's question to the API: asked again every so often while somebody looks. */

import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type Form, get, type Json } from "../api";
import { Failure, Loading } from "./basics";

export const SLOW_MS = 10_000;
export const QUICK_MS = 2_000;

/** Every request to /v1 is in the account's own log: a page that only waits does not fill it. */
const usual = (path: string): number | false => (path.startsWith("/dashboard/") ? SLOW_MS : false);

/** `seen` is what was seen elsewhere of the same: when it changes, it is asked again. */
export function useApi(path: string, form: Form = {}, more: { every?: number; enabled?: boolean; seen?: string | undefined } = {}): UseQueryResult<Json> {
  return useQuery({
    queryKey: [path, form, more.seen],
    queryFn: ({ signal }) => get(path, form, signal),
    refetchInterval: more.every ?? usual(path),
    enabled: more.enabled ?? true,
    placeholderData: keepPreviousData,
  });
}

/** What there is, or what it is waiting for, or why there is nothing. */
export function Answer({ of, children }: { of: UseQueryResult<Json>; children: (found: Json) => ReactNode }) {
  if (of.data) return <>{of.error && <Failure error={of.error} />}{children(of.data)}</>;
  return of.error ? <Failure error={of.error} /> : <Loading />;
}
