// A page on a wall brings itself up to date; a page on paper shows the numbers that are folded on the screen.
export function startScreens(page) {
  const seconds = Number(page.querySelector("[data-refresh]")?.dataset.refresh);
  if (seconds) setInterval(() => navigator.onLine && location.reload(), seconds * 1000);

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...page.querySelectorAll("details.chart-table:not([open])")];
    opened.forEach((one) => (one.open = true));
  });
  addEventListener("afterprint", () => opened.forEach((one) => (one.open = false)));
}
