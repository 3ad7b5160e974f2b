/** Who reads: the key's account and mode, what it may do, and whether changes are allowed in this tab. */

import { createContext, useContext } from "react";
import type { Json } from "./api";

export interface Session {
  account: string;
  kind: "secret" | "restricted";
  livemode: boolean;
  permissions: string[];
  /** What a restricted key can be allowed. */
  resources: string[];
  hint: string;
  temporal: string;
  /** Off until its reader turns it on: looking at a payment changes nothing by a slip of the finger. */
  changes: boolean;
  allowChanges: (allowed: boolean) => void;
  signOut: () => void;
}

const Context = createContext<Session | undefined>(undefined);
export const SessionProvider = Context.Provider;

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("Nobody is signed in.");
  return session;
}

/** What a live key may only if it was allowed that by name. */
const BY_NAME = ["resolutions"];

/** Whether the key may `read` or `write` objects of this kind, as records/accounts.py has it. */
export function may(session: Pick<Session, "kind" | "livemode" | "permissions">, resource: string, level: "read" | "write" = "read"): boolean {
  if (session.livemode && BY_NAME.includes(resource)) return session.permissions.includes(`${resource}:${level}`);
  if (session.kind === "secret") return true;
  const levels = level === "read" ? ["read", "write"] : ["write"];
  return [resource, "*"].some((name) => levels.some((one) => session.permissions.includes(`${name}:${one}`)));
}

/** Whether something of this kind can be changed here and now. */
export function useMayChange(resource: string): boolean {
  const session = useSession();
  return session.changes && may(session, resource, "write");
}

export function sessionOf(found: Json, key: string): Omit<Session, "temporal" | "changes" | "allowChanges" | "signOut"> {
  const hint = `${/^[a-z]{2}_(?:test|live)_/.exec(key)?.[0] ?? ""}…${key.slice(-4)}`;
  return { account: found.account, kind: found.kind, livemode: found.livemode, permissions: found.permissions, resources: found.resources, hint };
}
