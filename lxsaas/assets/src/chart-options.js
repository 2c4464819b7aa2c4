// From the numbers of a chart to ECharts' options: the kinds line, bar and lanes, percent or counts.
import { lanesOf } from "./chart-lanes.js";

// Okabe and Ito's colours, told apart with each of the usual kinds of colour blindness.
const PALETTE = ["--lx-chart-1", "--lx-chart-2", "--lx-chart-3", "--lx-chart-4"];
const DASHES = ["solid", "dashed", "dotted", [8, 3, 2, 3]];
const SYMBOLS = ["circle", "rect", "triangle", "diamond"];

export function optionOf(chart, view) {
  if (chart.kind === "lanes") return lanesOf(chart, view);
  const text = view.colour("--lx-chart-text");
  const format = formatter(chart.unit, view.language);
  return {
    animation: !view.still,
    animationDuration: 300,
    color: PALETTE.map(view.colour),
    textStyle: { color: text, fontFamily: view.font, fontSize: 12 },
    aria: { enabled: true, label: { description: chart.title } },
    // On a phone the legend takes a second line.
    grid: { left: 4, right: 20, top: topOf(chart, view), bottom: 4, outerBoundsMode: "same" },
    legend: { show: chart.series.length > 1, top: 0, left: 0, icon: "roundRect", textStyle: { color: text } },
    tooltip: {
      trigger: "axis",
      // The other mode writes style attributes, which the content security policy refuses.
      renderMode: "richText",
      confine: true,
      valueFormatter: (value) => (value == null || Number.isNaN(value) ? view.noData : format(value)),
      backgroundColor: view.colour("--lx-chart-tip"),
      borderColor: view.colour("--lx-chart-line"),
      textStyle: { color: text, fontSize: 12 },
      axisPointer: { type: chart.kind === "bar" ? "shadow" : "line" },
    },
    ...(chart.kind === "bar" ? barAxes(chart, view, format) : lineAxes(chart, view, format)),
    series: chart.series.map((series, index) => seriesOf(chart, series, index, view, format)),
  };
}

// Room for the legend, which wraps on a phone, and for the target's label above the bars.
function topOf(chart, view) {
  const legend = chart.series.length > 1 ? (view.width < 420 ? 44 : 20) : 0;
  return legend + (chart.kind === "bar" && chart.target != null ? 28 : 16);
}

function lineAxes(chart, view, format) {
  return { xAxis: { ...categories(chart, view), boundaryGap: false }, yAxis: values(chart, view, format) };
}

function barAxes(chart, view, format) {
  const names = categories(chart, view);
  const room = Math.min(160, Math.max(72, view.width * 0.32));
  return {
    xAxis: values(chart, view, format),
    // The first of the table stands on top.
    yAxis: { ...names, inverse: true, axisLabel: { ...names.axisLabel, interval: 0, width: room, overflow: "truncate" } },
  };
}

function categories(chart, view) {
  return {
    type: "category",
    data: chart.labels,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: view.colour("--lx-chart-line") } },
    axisLabel: { color: view.colour("--lx-chart-text"), hideOverlap: true },
  };
}

function values(chart, view, format) {
  return {
    type: "value",
    min: 0,
    max: chart.unit === "percent" ? 1 : null,
    minInterval: chart.unit === "percent" ? null : 1,
    interval: chart.unit === "percent" ? 0.25 : null,
    splitNumber: view.width < 480 ? 3 : 5,
    axisLabel: { color: view.colour("--lx-chart-text"), formatter: format, hideOverlap: true },
    splitLine: { lineStyle: { color: view.colour("--lx-chart-line") } },
  };
}

function seriesOf(chart, series, index, view, format) {
  const target = chart.target != null && index === 0 ? targetLine(chart, view, format) : null;
  const shared = { name: series.name, data: series.values, markLine: target };
  if (chart.kind === "bar") return { ...shared, type: "bar", barMaxWidth: 18, itemStyle: { borderRadius: [0, 3, 3, 0] } };
  return {
    ...shared,
    type: "line",
    symbol: SYMBOLS[index % SYMBOLS.length],
    symbolSize: 7,
    showAllSymbol: true,
    lineStyle: { width: 2.5, type: DASHES[index % DASHES.length] },
    // A gap is a gap: nothing was counted.
    connectNulls: false,
  };
}

function targetLine(chart, view, format) {
  const at = chart.kind === "bar" ? { xAxis: chart.target } : { yAxis: chart.target };
  return {
    silent: true,
    symbol: "none",
    animation: false,
    lineStyle: { color: view.colour("--lx-chart-text"), type: "dashed", width: 1 },
    label: {
      formatter: `${chart.targetLabel} ${format(chart.target)}`,
      // The first label stands on top, so there the line starts.
      position: chart.kind === "bar" ? "start" : "insideStartTop",
      align: chart.kind === "bar" ? "right" : "left",
      rotate: 0,
      color: view.colour("--lx-chart-text"),
    },
    data: [at],
  };
}

function formatter(unit, language) {
  const options = unit === "percent" ? { style: "percent", maximumFractionDigits: 1 } : { maximumFractionDigits: 0 };
  const numbers = new Intl.NumberFormat(language, options);
  return (value) => numbers.format(value);
}
