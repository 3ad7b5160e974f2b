import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { Button } from "../ui/basics";
import { Field, Select } from "../ui/fields";
import { fault, FILTERS, METHODS } from "./filters";

export function FilterForm({ search, apply }: { search: URLSearchParams; apply: (values: Record<string, string>) => void }) {
  const [values, setValues] = useState(() => Object.fromEntries(FILTERS.map(([name]) => [name, search.get(name) ?? ""])));
  const set = (name: string) => (value: string) => setValues({ ...values, [name]: value });
  const faults = FILTERS.map(([name]) => fault(name, values[name] ?? "", values.currency)).filter(Boolean);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!faults.length) apply(values);
  };
  const field = (name: string, more: Partial<Parameters<typeof Field>[0]> = {}) => {
    const label = FILTERS.find(([one]) => one === name)?.[1] ?? name;
    return <Field label={label} value={values[name] ?? ""} onChange={set(name)} error={fault(name, values[name] ?? "", values.currency)} {...more} />;
  };
  return (
    <Form className="card filters" onSubmit={submit} aria-label="Filters">
      <div className="grid">
        {field("currency", { placeholder: "eur" })}
        {field("from", { inputMode: "decimal", placeholder: "10.00" })}
        {field("to", { inputMode: "decimal", placeholder: "99.00" })}
        {field("since", { type: "date" })}
        {field("until", { type: "date" })}
        <Select label="Method" value={values.method ?? ""} options={METHODS} onChange={set("method")} />
        {field("gateway", { placeholder: "simulator" })}
        {field("last4", { inputMode: "numeric" })}
        {field("email", { type: "text", inputMode: "email" })}
        {field("customer", { placeholder: "cus_…" })}
        {field("key", { placeholder: "order" })}
        {field("value", { placeholder: "A-77" })}
      </div>
      <div className="buttons">
        <Button onPress={() => apply(Object.fromEntries(FILTERS.map(([name]) => [name, ""])))}>Clear</Button>
        <Button type="submit" kind="primary" isDisabled={faults.length > 0}>Apply</Button>
      </div>
    </Form>
  );
}
