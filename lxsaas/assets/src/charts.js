// Draws each figure.chart[data-chart]; the same numbers stand in the table beside it.
import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { optionOf } from "./chart-options.js";

use([BarChart, LineChart, ScatterChart, AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

const drawn = new Map();
const darkness = matchMedia("(prefers-color-scheme: dark)");
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

function draw(figure) {
  const canvas = figure.querySelector(".chart-canvas");
  const chart = drawn.get(figure)?.chart ?? init(canvas, null, { renderer: "svg" });
  const option = optionOf(JSON.parse(figure.dataset.chart), {
    language: document.documentElement.lang,
    // A real family name: widths are measured on a canvas, where "inherit" means nothing.
    font: getComputedStyle(figure).fontFamily,
    colour: (name) => getComputedStyle(figure).getPropertyValue(name).trim(),
    width: canvas.clientWidth,
    still: stillness.matches,
    noData: figure.dataset.noData,
  });
  chart.setOption(option, true);
  if (!drawn.has(figure)) {
    const watch = new ResizeObserver(() => {
      if (chart.getWidth() !== canvas.clientWidth) draw(figure);
      chart.resize();
    });
    watch.observe(canvas);
    drawn.set(figure, { chart, watch });
  }
}

function scan() {
  for (const [figure, { chart, watch }] of drawn) {
    if (figure.isConnected) continue;
    watch.disconnect();
    chart.dispose();
    drawn.delete(figure);
  }
  document.querySelectorAll("figure.chart[data-chart]").forEach((figure) => drawn.has(figure) || seen.observe(figure));
}

// A page may have a dozen: each is drawn when it comes near the screen, so that a slow phone shows the page at once.
const seen = new IntersectionObserver(
  (changes) =>
    changes.forEach(({ isIntersecting, target }) => {
      if (!isIntersecting) return;
      seen.unobserve(target);
      draw(target);
    }),
  { rootMargin: "300px" },
);
addEventListener("beforeprint", () =>
  document.querySelectorAll("figure.chart[data-chart]").forEach((figure) => drawn.has(figure) || draw(figure)),
);

const redraw = () => drawn.forEach((_, figure) => draw(figure));
darkness.addEventListener("change", redraw);
stillness.addEventListener("change", redraw);
document.addEventListener("htmx:after:swap", scan);
scan();
