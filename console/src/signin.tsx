import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { Button, Failure } from "./ui/basics";
import { Field } from "./ui/fields";

/** `said` is why somebody who had signed in is here again. */
export function SignIn({ signIn, said }: { signIn: (key: string) => Promise<void>; said: unknown }) {
  const [key, setKey] = useState("");
  const [error, setError] = useState<unknown>(said);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    signIn(key.trim()).catch(setError);
  };
  return (
    <main className="signin">
      <h1>Perdure</h1>
      <p>The console opens with an API key, and shows and does what that key may. It stays in this tab.</p>
      <Form onSubmit={submit}>
        <Field label="Secret key" type="password" value={key} onChange={setKey} autoComplete="off" autoFocus hint="Or a restricted one that may read the dashboard." />
        {error !== undefined && <Failure error={error} />}
        <Button type="submit" kind="primary">Sign in</Button>
      </Form>
    </main>
  );
}
