/** What is around every page: where one can go with this key, one box that finds anything, and who one is. */

import {
  Activity, CreditCard, Gavel, Home, KeyRound, ListChecks, Menu, Moon, Network, Scale, ScrollText, Search, Settings2, TriangleAlert, Users, Webhook, X,
} from "lucide-react";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Button as AriaButton, Input, Label, Switch, TextField } from "react-aria-components";
import { NavLink, useLocation, useNavigate } from "react-router";
import { may, type Session, useSession } from "./session";
import { Button } from "./ui/basics";
import { nextTheme, useTheme } from "./ui/theme";

const PLACES: [string, string, typeof Home, string[]][] = [
  ["/", "Home", Home, ["payment_intents", "charges", "customers", "disputes"]],
  ["/payments", "Payments", CreditCard, ["payment_intents", "charges", "customers"]],
  ["/attention", "Attention", TriangleAlert, ["payment_intents", "charges", "customers"]],
  ["/customers", "Customers", Users, ["customers"]],
  ["/disputes", "Disputes", Gavel, ["disputes"]],
  ["/balance", "Balance", Scale, ["balance", "balance_transactions"]],
  ["/events", "Events", Activity, ["events"]],
  ["/webhooks", "Webhooks", Webhook, ["webhook_endpoints"]],
  ["/logs", "Logs", ScrollText, ["request_logs"]],
  ["/reconciliations", "Reconciliation", ListChecks, ["payment_intents"]],
  ["/gateways", "Gateways", Network, ["payment_intents", "charges"]],
  ["/methods", "Payment methods", Settings2, ["payment_method_configurations"]],
  ["/keys", "API keys", KeyRound, ["api_keys"]],
];

/** Where what somebody has typed leads: to the very thing, or to the payments that match. */
export function placeOf(text: string): string {
  const typed = text.trim();
  const direct: [RegExp, string][] = [
    [/^pi_\w+$/, "/payments/"], [/^cus_\w+$/, "/customers/"], [/^evt_\w+$/, "/events/"], [/^we_\w+$/, "/webhooks/"], [/^req_\w+$/, "/logs/"],
  ];
  const found = direct.find(([pattern]) => pattern.test(typed));
  return found ? found[1] + typed : `/payments?${new URLSearchParams(typed ? { text: typed } : {})}`;
}

/** Where one can go with this key, in the order of the menu. */
export const placesOf = (session: Session) => PLACES.filter(([, , , needs]) => needs.every((resource) => may(session, resource)));

/** What a tab, and a browser's history, call a page: `pi_1 · Payments · Perdure`. */
function titleOf(path: string): string {
  const [, place = "", id] = path.split("/");
  const name = PLACES.find(([to]) => to === `/${place}`)?.[1];
  return [id, name, "Perdure"].filter(Boolean).join(" · ");
}

export function Shell({ children }: { children: ReactNode }) {
  const session = useSession();
  const [isOpen, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    document.title = titleOf(pathname);
  }, [pathname]);
  return (
    <div className="shell">
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>Skip to the page</a>
      <header className="bar">
        <AriaButton className="icon menu" aria-label={isOpen ? "Close the menu" : "Open the menu"} aria-expanded={isOpen} onPress={() => setOpen(!isOpen)}>
          {isOpen ? <X size={20} aria-hidden /> : <Menu size={20} aria-hidden />}
        </AriaButton>
        <NavLink className="brand" to="/">Perdure</NavLink>
        {session.livemode ? <span className="badge good">Live</span> : <span className="badge warn">Test</span>}
        <Finder />
        <Switch className="switch" isSelected={session.changes} onChange={session.allowChanges}><span className="track" aria-hidden />Allow changes</Switch>
      </header>
      <nav className={isOpen ? "places open" : "places"} aria-label="Console">
        <ul onClick={() => setOpen(false)}>
          {placesOf(session).map(([to, name, Icon]) => (
            <li key={to}><NavLink to={to} end={to === "/"}><Icon size={16} aria-hidden /><span>{name}</span></NavLink></li>
          ))}
        </ul>
        <Reader />
      </nav>
      <main id="main" ref={main} tabIndex={-1}>{children}</main>
    </div>
  );
}

function Finder() {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void navigate(placeOf(text));
    setText("");
  };
  return (
    <form className="finder" role="search" onSubmit={submit}>
      <TextField value={text} onChange={setText}>
        <Label className="hidden">Find a payment, or any id</Label>
        <Input placeholder="Find a payment, or any id" />
      </TextField>
      <AriaButton type="submit" className="icon" aria-label="Find"><Search size={16} aria-hidden /></AriaButton>
    </form>
  );
}

function Reader() {
  const session = useSession();
  const [theme, setTheme] = useTheme();
  return (
    <div className="reader">
      <p><code>{session.account}</code><br /><span className="muted">{session.hint}, {session.kind}</span></p>
      <Button kind="quiet" onPress={() => setTheme(nextTheme(theme))}><Moon size={14} aria-hidden /> Colours: {theme}</Button>
      <Button kind="quiet" onPress={session.signOut}>Sign out</Button>
    </div>
  );
}
