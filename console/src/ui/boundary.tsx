/** What is shown where a page cannot be: it is gone after an update, or it has a fault. Never nothing at all. */

import { Component, type ReactNode } from "react";
import { Button, PageHead } from "./basics";

interface Props {
  /** Another place is another try. */
  place: string;
  children: ReactNode;
}

export class Boundary extends Component<Props, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidUpdate(before: Props): void {
    if (before.place !== this.props.place && this.state.error) this.setState({ error: undefined });
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <>
        <PageHead title="This page cannot be shown" />
        <p role="alert">The console may have been updated since this tab was opened: then loading it again helps. Nothing that was done is lost.</p>
        <p className="muted">{error.message}</p>
        <div><Button kind="primary" onPress={() => location.reload()}>Load it again</Button></div>
      </>
    );
  }
}
