// A form is sent once, however often the button is tapped; after a mistake the first wrong field has the focus.

export function startForms(page) {
  // Before htmx and the drafts hear of it.
  page.addEventListener("submit", onSubmit, true);
  page.addEventListener("htmx:finally:request", (event) => release(event.target));
  // Coming back with the browser's button shows the page as it was left: busy.
  window.addEventListener("pageshow", () => page.querySelectorAll("form[data-busy]").forEach(release));
  page.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-submit-on-change]");
    if (form) form.requestSubmit();
  });
  page.addEventListener("click", closeMenus);
  page.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenus(event, true);
  });
  focusFirstError(page);
  fillFromFragment(page);
  page.addEventListener("htmx:after:swap", (event) => focusFirstError(event.target));
}

// An invitation's code stands behind the # of its link, which no server and no log sees.
function fillFromFragment(page) {
  const field = page.querySelector("[data-from-fragment]");
  const code = decodeURIComponent(location.hash.slice(1));
  if (!field || !code) return;
  field.value = code;
  history.replaceState(null, "", location.pathname);
}

function onSubmit(event) {
  const form = event.target;
  if (form.hasAttribute("data-busy")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (form.method === "post" && navigator.onLine === false) {
    event.preventDefault();
    event.stopImmediatePropagation();
    document.getElementById("offline-notice")?.removeAttribute("hidden");
    return;
  }
  if (form.hasAttribute("data-resubmit") || form.method === "dialog") return;
  // After this event: a disabled button would not be sent with the form.
  setTimeout(() => {
    if (!event.defaultPrevented || form.matches("[hx-post], [data-hx-post], [data-resend]")) form.setAttribute("data-busy", "");
  });
}

function release(element) {
  const form = element instanceof Element ? element.closest("form[data-busy]") : null;
  form?.removeAttribute("data-busy");
}

function closeMenus(event, andFocus = false) {
  for (const menu of document.querySelectorAll("details.lx-menu[open]")) {
    if (!andFocus && menu.contains(event.target)) continue;
    if (andFocus && menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.removeAttribute("open");
  }
}

function focusFirstError(within) {
  within.querySelector?.('[aria-invalid="true"]')?.focus();
}

window.addEventListener("online", () => document.getElementById("offline-notice")?.setAttribute("hidden", ""));
