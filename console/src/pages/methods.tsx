/** Which payment method types the account offers to whoever names none: a switch for each, in its own configuration. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Switch } from "react-aria-components";
import { type Json, post } from "../api";
import { called } from "../format";
import { useMayChange } from "../session";
import { Card, Empty, Failure, PageHead } from "../ui/basics";
import { Answer, useApi } from "../ui/query";

const PATH = "/v1/payment_method_configurations";

export default function Methods() {
  const found = useApi(PATH, { limit: 100 });
  return (
    <>
      <PageHead title="Payment methods">
        <p className="muted">Who names no types when they create a payment takes those that are on, if they fit its currency, amount and use.</p>
      </PageHead>
      <Answer of={found}>
        {(page) => {
          const configurations = page.data as Json[];
          return configurations.length ? <>{configurations.map((one) => <Configuration key={one.id} of={one} />)}</> : <Empty>The account has no configuration of payment methods.</Empty>;
        }}
      </Answer>
    </>
  );
}

function Configuration({ of }: { of: Json }) {
  const mayChange = useMayChange("payment_method_configurations");
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>();
  const types = Object.keys(of).filter((name) => (of[name] as Json | null)?.display_preference);
  const turn = (type: string) => (on: boolean) => {
    setError(undefined);
    post(`${PATH}/${of.id}`, { [type]: { display_preference: { preference: on ? "on" : "off" } } })
      .then(() => queries.invalidateQueries({ queryKey: [PATH] }))
      .catch(setError);
  };
  return (
    <Card title={of.is_default ? `${of.name} (what payments go by unless they name another)` : of.name}>
      {error !== undefined && <Failure error={error} />}
      <ul className="offered">
        {types.map((type) => (
          <li key={type}>
            <Switch className="switch" isSelected={of[type].available as boolean} isDisabled={!mayChange || type === "card"} onChange={turn(type)}>
              <span className="track" aria-hidden />{called(type)}
            </Switch>
          </li>
        ))}
      </ul>
    </Card>
  );
}
