/** Who is nobody yet signs in; everybody else sees the pages that their key opens. */

import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";
import { ApiError, forgetKey, getAs, type Json, onEnd, storedKey, storeKey } from "./api";
import { type Session, SessionProvider, sessionOf, useSession } from "./session";
import { placesOf, Shell } from "./shell";
import { SignIn } from "./signin";
import { Empty, Loading } from "./ui/basics";
import { Boundary } from "./ui/boundary";

const Home = lazy(() => import("./pages/home"));
const Payments = lazy(() => import("./pages/payments"));
const Payment = lazy(() => import("./pages/payment"));
const Attention = lazy(() => import("./pages/attention"));
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
  const [said, say] = useState<unknown>();
  const [changes, allowChanges] = useState(false);
  const queries = useQueryClient();
  const place = useLocation().pathname;

  const signIn = useCallback(async (key: string) => {
    const next = await opened(key);
    storeKey(key);
    say(undefined);
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
    const refused = (error: unknown) => {
      // An API that is away says nothing of the key: to load the page again tries it again.
      if (error instanceof ApiError && [401, 403].includes(error.status)) forgetKey();
      say(error);
    };
    signIn(storedKey()).catch(refused).finally(() => setTrying(false));
  }, [trying, signIn]);
  useEffect(() => onEnd(() => {
    signOut();
    say(new Error("The key that you had signed in with opens nothing any more: it was revoked, or its time is up."));
  }), [signOut]);

  if (trying) return <Loading />;
  if (!found) return <SignIn signIn={signIn} said={said} />;
  const session: Session = { ...sessionOf(found.session, found.key), temporal: found.temporal, changes, allowChanges, signOut };
  return (
    <SessionProvider value={session}>
      <Shell>
        <Boundary place={place}><Suspense fallback={<Loading />}><Pages /></Suspense></Boundary>
      </Shell>
    </SessionProvider>
  );
}

/** Home, or the first place that the key opens. */
function First() {
  const [first] = placesOf(useSession());
  if (!first) return <Empty>This key opens no place of the console: it may read the dashboard, and nothing that is shown there.</Empty>;
  return first[0] === "/" ? <Home /> : <Navigate to={first[0]} replace />;
}

function Pages() {
  // Addresses of the dashboard of before: #/pi_….
  const older = /^#\/(pi_\w+)$/.exec(useLocation().hash)?.[1];
  if (older) return <Navigate to={`/payments/${older}`} replace />;
  return (
    <Routes>
      <Route path="/" element={<First />} />
      <Route path="/payments" element={<Payments />} />
      <Route path="/payments/:id" element={<Payment />} />
      <Route path="/attention" element={<Attention />} />
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

