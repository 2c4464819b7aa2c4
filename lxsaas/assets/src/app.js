// On every page: partial updates, one submission a form, drafts and sending that outlive a lost connection.
import "./htmx.js";
import { startDrafts } from "./drafts.js";
import { startForms } from "./forms.js";
import { startGrids } from "./grid.js";
import { startQuickForms } from "./quick.js";
import { startScreens } from "./screens.js";
import { startSending } from "./send.js";

startForms(document);
startQuickForms(document);
startGrids(document);
startDrafts(document);
startSending(document);
startScreens(document);
