// In the dialog that the browser library shows: tell its page that the buyer has come back.
parent.postMessage({ perdure: "returned", closed: new URLSearchParams(location.search).has("closed") }, "*");
