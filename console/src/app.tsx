/** Who is nobody yet signs in; everybody else sees the pages that their key opens. */

import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";
import { forgetKey, getAs, type Json, storedKey, storeKey } from "./api";
import { type Session, SessionProvider, sessionOf } from "./session";
import { Shell } from "./shell";
import { SignIn } from "./signin";
import { Empty, Loading } from "./ui/basics";

const Home = lazy(() => import("./pages/home"));
const Payments = lazy(() => import("./pages/payments"));
const Payment = lazy(() => import("./pages/payment"));
const Customers = lazy(() => import("./pages/customers"));
const Customer = lazy(() => import("./pages/customer"));
const Disputes = lazy(() => import("./pages/disputes"));
const Balance = lazy(() => import("./pages/balance"));
const Events = lazy(() => import("./pages/events"));
const Webhooks = lazy(() => import("./pages/webhooks"));
const Webhook = lazy(() => import("./pages/webhook"));
const Logs = lazy(() => import("./pages/logs"));
const Reports = lazy(() => import("./pages/reports"));
const Gateways = lazy(() => import("./pages/gateways"));
const Keys = lazy(() => import("./pages/keys"));
const Methods = lazy(() => import("./pages/methods"));

interface Opened {
  session: Json;
  key: string;
  temporal: string;
}

async function opened(key: string): Promise<Opened> {
  const session = await getAs(key, "/dashboard/v1/session");
  const facts = (await (await fetch("/dashboard/facts.json")).json()) as Json;
  return { session, key, temporal: facts.temporal };
}

export function App() {
  const [found, setFound] = useState<Opened>();
  const [trying, setTrying] = useState(storedKey() !== "");
  const [changes, allowChanges] = useState(false);
  const queries = useQueryClient();

  const signIn = useCallback(async (key: string) => {
    const next = await opened(key);
    storeKey(key);
    setFound(next);
  }, []);
  const signOut = useCallback(() => {
    forgetKey();
    queries.clear();
    allowChanges(false);
    setFound(undefined);
  }, [queries]);

  useEffect(() => {
    if (!trying) return;
    signIn(storedKey()).catch(forgetKey).finally(() => setTrying(false));
  }, [trying, signIn]);

  if (trying) return <Loading />;
  if (!found) return <SignIn signIn={signIn} />;
  const session: Session = { ...sessionOf(found.session, found.key), temporal: found.temporal, changes, allowChanges, signOut };
  return (
    <SessionProvider value={session}>
      <Shell>
        <Suspense fallback={<Loading />}><Pages /></Suspense>
      </Shell>
    </SessionProvider>
  );
}

function Pages() {
  // Addresses of the dashboard of before: #/pi_….
  const older = /^#\/(pi_\w+)$/.exec(useLocation().hash)?.[1];
  if (older) return <Navigate to={`/payments/${older}`} replace />;
  return (
    <Routes>
      <Route path="/" element={<Home />} />
      <Route path="/payments" element={<Payments />} />
      <Route path="/payments/:id" element={<Payment />} />
      <Route path="/customers" element={<Customers />} />
      <Route path="/customers/:id" element={<Customer />} />
      <Route path="/disputes" element={<Disputes />} />
      <Route path="/balance" element={<Balance />} />
      <Route path="/events" element={<Events />} />
      <Route path="/events/:id" element={<Events />} />
      <Route path="/webhooks" element={<Webhooks />} />
      <Route path="/webhooks/:id" element={<Webhook />} />
      <Route path="/logs" element={<Logs />} />
      <Route path="/logs/:id" element={<Logs />} />
      <Route path="/reconciliations" element={<Reports />} />
      <Route path="/gateways" element={<Gateways />} />
      <Route path="/keys" element={<Keys />} />
      <Route path="/methods" element={<Methods />} />
      <Route path="*" element={<Empty>There is no such page.</Empty>} />
    </Routes>
  );
}

