// A course in lanes: months from left to right, one line for each kind of thing that happens or lasts.

const COLOURS = { span: "--lx-chart-1", count: "--lx-chart-2", event: "--lx-chart-3" };
const SYMBOLS = { span: "rect", count: "circle", event: "diamond" };
const NAME_ROOM = 120;

export function lanesOf(chart, view) {
  const text = view.colour("--lx-chart-text");
  const line = { lineStyle: { color: view.colour("--lx-chart-line") } };
  const room = Math.min(NAME_ROOM, view.width * 0.34);
  const step = (view.width - room) / Math.max(chart.labels.length, 1);
  return {
    animation: false,
    textStyle: { color: text, fontFamily: view.font, fontSize: 12 },
    aria: { enabled: true, label: { description: chart.title } },
    grid: { left: 4, right: 12, top: 8, bottom: 4, outerBoundsMode: "same" },
    tooltip: {
      trigger: "item",
      // The other mode writes style attributes, which the content security policy refuses.
      renderMode: "richText",
      confine: true,
      formatter: ({ data }) => `${chart.labels[data.value[0]]} ${data.name}\n${data.text}`,
      backgroundColor: view.colour("--lx-chart-tip"),
      borderColor: view.colour("--lx-chart-line"),
      textStyle: { color: text, fontSize: 12 },
    },
    xAxis: {
      type: "category",
      data: chart.labels,
      axisTick: { show: false },
      axisLine: line,
      axisLabel: { color: text, hideOverlap: true },
    },
    yAxis: {
      type: "category",
      data: chart.series.map((series) => series.name),
      inverse: true,
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: text, interval: 0, width: room, overflow: "truncate" },
      splitLine: { show: true, ...line },
    },
    series: chart.series.map((series, lane) => ({
      name: series.name,
      type: "scatter",
      symbol: SYMBOLS[series.mark],
      symbolSize: ([, , count]) => sizeOf(series.mark, count, step),
      itemStyle: { color: view.colour(COLOURS[series.mark]), opacity: 1 },
      label: labelOf(step, text),
      labelLayout: { hideOverlap: true },
      data: series.values.flatMap((value, month) =>
        value == null ? [] : [{ name: series.name, text: series.texts[month], short: series.shorts[month], value: [month, lane, value] }],
      ),
    })),
  };
}

// A time that lasts is one bar through its months; a number is the larger the more there were.
function sizeOf(mark, count, step) {
  if (mark === "span") return [step + 1, 12];
  if (mark === "event") return Math.max(8, Math.min(13, step));
  return Math.max(6, Math.min(step, 6 + 3 * Math.sqrt(count)));
}

// The number itself, or the place in the class, where there is room for it.
function labelOf(step, colour) {
  return { show: step > 20, position: "top", distance: 1, fontSize: 10, color: colour, formatter: ({ data }) => data.short };
}
