// Forms marked data-resend are sent by script: a line that drops is tried again, and nothing chosen is lost.
//
// The server knows the form by its key, so that a form which arrived although no answer came is saved once.
const PAUSES = [1000, 3000, 6000];
const PATIENCE = 120_000;

export function startSending(page) {
  page.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("form[data-resend]")) return;
    event.preventDefault();
    // At once: a second tap may come before the mark that forms.js sets after this event.
    if (form.lxSending) return;
    form.lxSending = true;
    form.setAttribute("data-busy", "");
    send(form);
  });
  // Coming back with the browser's button shows the page as it was left: sending.
  window.addEventListener("pageshow", () => {
    for (const form of page.forms) form.lxSending = false;
  });
}

async function send(form) {
  const offline = document.getElementById("offline-notice");
  form.querySelector("[data-refused]")?.remove();
  await form.lxReady;
  for (const pause of [...PAUSES, null]) {
    try {
      await take(form, await post(form));
      offline?.setAttribute("hidden", "");
      return;
    } catch {
      offline?.removeAttribute("hidden");
      if (pause === null || navigator.onLine === false) break;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  release(form);
  offline?.scrollIntoView({ block: "center" });
}

function release(form) {
  form.lxSending = false;
  form.removeAttribute("data-busy");
}

async function post(form) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), PATIENCE);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Resend": "1" },
      signal: control.signal,
    });
    return { status: answer.status, address: answer.headers.get("HX-Redirect"), html: await answer.text() };
  } finally {
    clearTimeout(timer);
  }
}

function take(form, { status, address, html }) {
  if (address) {
    location.assign(address);
    return;
  }
  const main = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  if (status === 422 && main) {
    document.querySelector("main").replaceWith(main);
    main.dispatchEvent(new CustomEvent("htmx:after:swap", { bubbles: true }));
    return;
  }
  // Refused as a whole: the form stays as it is, with what the page of the error says.
  release(form);
  const note = document.createElement("p");
  note.className = "lx-note lx-poor";
  note.setAttribute("role", "alert");
  note.setAttribute("data-refused", "");
  note.textContent = Array.from(main?.querySelectorAll("h2, p") ?? [], (one) => one.textContent.trim()).join(" · ");
  form.prepend(note);
  note.scrollIntoView({ block: "center" });
}
