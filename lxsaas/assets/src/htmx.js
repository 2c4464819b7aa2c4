// htmx, told to run no code from attributes and to carry the CSRF token.
import htmx from "htmx.org";

// Its stylesheet would be inline to the policy; ours has the same rules.
htmx.config.includeIndicatorCSS = false;

document.addEventListener("htmx:config:request", (event) => {
  const { request } = event.detail.ctx;
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token && request.method !== "GET") request.headers["X-CSRFToken"] = token.content;
});
