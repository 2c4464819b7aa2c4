// What makes a short form shorter: buttons that fill a field, a filter among choices, only the fields that
// the chosen kind has, and the time it took.

export function startQuickForms(page) {
  prepare(page);
  page.addEventListener("htmx:after:swap", (event) => prepare(event.target));
  page.addEventListener("change", (event) => showKind(event.target.closest("form")));
  page.addEventListener("click", fill);
  page.addEventListener("input", find);
  page.addEventListener("htmx:error", sayUnkept);
  // Before the form is marked busy and sent.
  page.addEventListener("submit", measure, true);
}

function prepare(within) {
  for (const hidden of within.querySelectorAll("[data-needs-script], [data-find-box]")) hidden.removeAttribute("hidden");
  for (const form of within.querySelectorAll("form")) showKind(form);
}

// Without a script all fields are there, and the server takes those that the kind has.
function showKind(form) {
  if (!form?.querySelector("[data-kinds]")) return;
  const kind = form.querySelector("[name=kind]:checked")?.value;
  for (const one of form.querySelectorAll("[data-kinds]")) {
    one.hidden = !one.dataset.kinds.split(" ").includes(kind);
  }
}

function fill(event) {
  const button = event.target.closest?.("[data-fill]");
  const field = button && document.getElementById(button.dataset.fill);
  if (!field) return;
  field.value = button.dataset.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function find(event) {
  const choices = event.target.dataset?.findIn && document.getElementById(event.target.dataset.findIn);
  if (!choices) return;
  const wanted = event.target.value.trim().toLowerCase();
  for (const choice of choices.querySelectorAll("[data-find]")) {
    // What is chosen stays in sight: it will be sent.
    const kept = choice.querySelector("input")?.checked;
    choice.hidden = !kept && !choice.dataset.find.toLowerCase().includes(wanted);
  }
}

// A tap that did not reach the server is sent with the next one: the form carries what it knows was kept.
function sayUnkept(event) {
  const state = event.target.closest?.("form")?.querySelector("[data-unkept]");
  if (!state) return;
  state.querySelector("[data-kept]").textContent = state.dataset.unkept;
}

// Milliseconds since the page was opened; the server logs them with the kind of record and nothing else.
function measure(event) {
  const field = event.target.elements?.namedItem("elapsed_ms");
  if (field) field.value = Math.round(performance.now());
}
