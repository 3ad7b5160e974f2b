/** A question with fields, and one act at its end. It closes when the act has been done, and says so if it was refused. */

import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { Dialog, DialogTrigger, Form, Heading, Modal, ModalOverlay } from "react-aria-components";
import { ApiError, unused } from "../api";
import { Button, Failure } from "./basics";

interface Props {
  /** What the button that opens it says. */
  open: string;
  title: string;
  /** What the button that does it says. */
  does: string;
  danger?: boolean;
  quiet?: boolean;
  children: ReactNode;
  /** `once` is the same for every try of one opening: two presses are one act. */
  act: (once: string) => Promise<unknown>;
  isDisabled?: boolean;
  opened?: () => void;
}

export function ActDialog({ open, title, does, danger = false, quiet = false, children, act, isDisabled = false, opened }: Props) {
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const once = useRef("");

  const changed = (isOpen: boolean) => {
    setError(undefined);
    if (isOpen) {
      once.current = unused();
      opened?.();
    }
  };
  const submit = async (event: FormEvent, close: () => void) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await act(once.current);
      close();
    } catch (refused) {
      // Refused: what is tried next is another act. Without an answer it is the same one, which is done once.
      const known = refused instanceof ApiError && refused.status >= 400 && refused.status < 500;
      if (known) once.current = unused();
      setError(known ? refused : new Error(`${(refused as Error).message} It may have been done, or not. To press again is safe: it is done once.`));
    } finally {
      setBusy(false);
    }
  };
  return (
    <DialogTrigger onOpenChange={changed}>
      <Button kind={quiet ? "quiet" : "plain"}>{open}</Button>
      <ModalOverlay className="overlay" isDismissable>
        <Modal className="modal">
          <Dialog>
            {({ close }) => (
              <Form onSubmit={(event) => void submit(event, close)}>
                <Heading slot="title">{title}</Heading>
                {children}
                {error !== undefined && <Failure error={error} />}
                <div className="buttons">
                  <Button onPress={close}>Back</Button>
                  <Button type="submit" kind={danger ? "danger" : "primary"} isDisabled={busy || isDisabled}>{busy ? "…" : does}</Button>
                </div>
              </Form>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
