// In the dialog that the browser library shows: tell its page which account the buyer has chosen.
document.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  parent.postMessage({ perdure: "returned", account: new FormData(event.target).get("account") }, "*");
});
