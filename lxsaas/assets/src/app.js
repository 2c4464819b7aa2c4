// On every page: partial updates, one submission a form, drafts that outlive a lost connection.
import "./htmx.js";
import { startDrafts } from "./drafts.js";
import { startForms } from "./forms.js";
import { startQuickForms } from "./quick.js";

startForms(document);
startQuickForms(document);
startDrafts(document);
