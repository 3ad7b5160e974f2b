/** A page of a bank's, over the merchant's: a dialog, which browsers make keyboard-safe by themselves. */

/** How it ended: the buyer closed it, or the page in it said that they are done, and perhaps what they chose. */
export interface Ending {
  closed: boolean;
  account?: string;
}

const COVER = { border: "0", padding: "0", margin: "auto", width: "min(30rem, 94vw)", height: "min(40rem, 90vh)",
                "border-radius": "12px", overflow: "hidden", background: "Canvas", "box-shadow": "0 12px 48px #0006" };
const CLOSE = { position: "absolute", top: "10px", right: "10px", width: "36px", height: "36px", border: "1px solid GrayText",
                "border-radius": "50%", background: "Canvas", color: "CanvasText", font: "20px/1 system-ui", cursor: "pointer",
                margin: "0", padding: "0", display: "grid", "place-items": "center" };
const FRAME = { border: "0", width: "100%", height: "100%", display: "block" };

/**
 * Show `url` until it says that the buyer is done, or they close it. Whatever the page in the frame says, what became of
 * the payment is asked of the API.
 */
export function show(url: string, title: string): Promise<Ending> {
  const dialog = document.createElement("dialog");
  const frame = document.createElement("iframe");
  const close = document.createElement("button");
  for (const [element, style] of [[dialog, COVER], [frame, FRAME], [close, CLOSE]] as const) {
    for (const [name, value] of Object.entries(style)) element.style.setProperty(name, value);
  }
  dialog.setAttribute("aria-label", title);
  frame.title = title;
  frame.src = url;
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", "Close");
  // The button first: it has the focus then, and Escape is heard here until the buyer goes into the bank's page.
  dialog.append(close, frame);
  document.body.append(dialog);
  return new Promise((resolve) => {
    const end = (ending: Ending): void => {
      removeEventListener("message", hear);
      dialog.close();
      dialog.remove();
      resolve(ending);
    };
    const hear = (message: MessageEvent<{ perdure?: string; closed?: boolean; account?: string } | null>): void => {
      if (message.source !== frame.contentWindow) return;
      const said = message.data;
      if (said?.perdure !== "returned") return;
      end({ closed: said.closed === true, ...(typeof said.account === "string" ? { account: said.account } : {}) });
    };
    addEventListener("message", hear);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      end({ closed: true });
    });
    close.addEventListener("click", () => end({ closed: true }));
    dialog.showModal();
  });
}
