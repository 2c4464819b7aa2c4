// Keeps what is typed into forms marked data-draft="key" on this device until the server has it.
//
// A phone is shared and notes are about children: a draft belongs to one account at one address, lives
// a day and goes at sign-out. The server says that it has one by an element with data-draft-saved="key".
import { attachPhotos } from "./photos.js";
import { dropAllFiles, dropFiles, dropFilesBefore } from "./kept.js";

const PREFIX = "lxsaas-draft:";
const LIFETIME = 24 * 60 * 60 * 1000;
const PAUSE = 400;
// Left behind at sign-out: the photos of drafts may outlive the page that deletes them.
const CLOSED = "lxsaas-drafts-closed";
// After sign-out begins, a page that is being left must not write once more.
let closed = false;
const UNKEPT = new Set(["password", "file", "hidden", "submit", "button", "image", "reset"]);

export function startDrafts(page) {
  const { realm, account } = page.body.dataset;
  finishClearing();
  dropExpired();
  page.addEventListener("submit", (event) => {
    if (event.target.hasAttribute("data-clear-drafts")) clearAll();
  });
  attachAllPhotos(page);
  page.addEventListener("htmx:after:swap", () => attachAllPhotos(page));
  if (!realm || !account) return;
  const keyOf = (name) => `${PREFIX}${realm}:${account}:${name}`;
  const scan = (within) => {
    for (const mark of within.querySelectorAll("[data-draft-saved]")) drop(keyOf(mark.dataset.draftSaved));
    for (const form of within.querySelectorAll("form[data-draft]")) attach(form, keyOf(form.dataset.draft));
  };
  scan(page);
  page.addEventListener("htmx:after:swap", () => scan(page));
}

// Those of forms without a draft, such as a change of what stands.
function attachAllPhotos(page) {
  for (const form of page.querySelectorAll("form:not([data-draft])")) attachPhotos(form, null);
}

function attach(form, key) {
  if (form.lxDraft === key) return;
  form.lxDraft = key;
  // What the server sent back with its errors is newer than any draft; photos it does not send back.
  const refused = form.querySelector('[aria-invalid="true"]') !== null;
  if (!refused) restore(form, key);
  let timer = 0;
  const save = () => {
    clearTimeout(timer);
    timer = 0;
    if (form.lxDraft) write(key, { at: Date.now(), fields: fieldsOf(form) });
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", save);
  attachPhotos(form, key).then((count) => count && !refused && announce(form, key, Date.now()));
  // Only what is not kept yet: leaving a page must not make an old draft young.
  window.addEventListener("pagehide", () => timer && form.isConnected && !form.hasAttribute("data-busy") && save());
}

function restore(form, key) {
  const draft = read(key);
  if (!draft) return;
  if (JSON.stringify(fieldsOf(form)) === JSON.stringify(draft.fields)) return;
  const fresh = form.elements.namedItem("client_key");
  // A hidden field is not reset with its form.
  if (fresh) form.lxFreshKey = fresh.value;
  for (const field of keptFields(form)) {
    const values = draft.fields[field.name];
    if (!values) continue;
    if (isChoice(field)) field.checked = values.includes(field.value);
    else if (field instanceof HTMLSelectElement) {
      for (const option of field.options) option.selected = values.includes(option.value);
    } else field.value = values[0] ?? "";
  }
  // What follows from a choice, such as the fields of a kind, follows from a restored one too.
  form.dispatchEvent(new Event("change", { bubbles: true }));
  announce(form, key, draft.at);
}

function announce(form, key, at) {
  const template = document.getElementById("draft-notice");
  if (!template || form.querySelector("[data-restored]")) return;
  const notice = template.content.firstElementChild.cloneNode(true);
  notice.setAttribute("data-restored", "");
  notice.querySelector("time").textContent = new Intl.DateTimeFormat(document.documentElement.lang, {
    hour: "2-digit",
    minute: "2-digit",
  }).format(at);
  notice.querySelector("button").addEventListener("click", () => {
    form.reset();
    if (form.lxFreshKey) form.elements.namedItem("client_key").value = form.lxFreshKey;
    drop(key);
    notice.remove();
  });
  form.prepend(notice);
}

function fieldsOf(form) {
  const fields = {};
  for (const field of keptFields(form)) {
    const values = (fields[field.name] ??= []);
    if (isChoice(field)) {
      if (field.checked) values.push(field.value);
    } else if (field instanceof HTMLSelectElement) {
      values.push(...Array.from(field.selectedOptions, (option) => option.value));
    } else values.push(field.value);
  }
  return fields;
}

function keptFields(form) {
  return Array.from(form.elements).filter(
    // The form's key is kept: sent again from its draft it is the same form, and makes no second record.
    (field) =>
      field.name &&
      (field.name === "client_key" || !UNKEPT.has(field.type)) &&
      !field.closest("[data-draft-skip]"),
  );
}

function isChoice(field) {
  return field.type === "checkbox" || field.type === "radio";
}

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

// A full or forbidden store costs the draft, not the page.
function write(key, draft) {
  if (closed) return;
  try {
    localStorage.setItem(key, JSON.stringify(draft));
  } catch {}
}

function drop(key) {
  dropFiles(key);
  try {
    localStorage.removeItem(key);
  } catch {}
}

function draftKeys() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function dropExpired() {
  dropFilesBefore(Date.now() - LIFETIME);
  for (const key of draftKeys()) {
    const draft = read(key);
    if (!draft || !(Date.now() - draft.at < LIFETIME)) drop(key);
  }
}

function clearAll() {
  closed = true;
  draftKeys().forEach(drop);
  try {
    localStorage.setItem(CLOSED, "1");
  } catch {}
  dropAllFiles();
}

async function finishClearing() {
  try {
    if (!localStorage.getItem(CLOSED)) return;
    await dropAllFiles();
    localStorage.removeItem(CLOSED);
  } catch {}
}
