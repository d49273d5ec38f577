import type { MetricInfo } from "./define-bench.ts";
import { formatNumber } from "./format.ts";

/** One line of a plot: points by rising `at`. */
export interface PlotLine {
  readonly name: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

const width = 720;
const height = 400;
const left = 80;
const right = 150;
const top = 50;
const bottom = 60;
const colours = ["#0b7285", "#e8590c", "#868e96", "#5f3dc4"];

/** A line plot with two logarithmic axes, readable on light and on dark pages. */
export function plotSvg(title: string, x: string, metric: MetricInfo, lines: readonly PlotLine[]): string {
  const points = lines.flatMap((line) => line.points);
  const across = logScale(
    points.map(({ at }) => at),
    left,
    width - right,
  );
  const down = logScale(
    points.map(({ value }) => value),
    height - bottom,
    top,
  );
  const places = [...new Set(points.map(({ at }) => at))];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${left}" y="28" font-size="16">${title}</text>`,
    ...places.map((at) => verticalMark(across(at), at)),
    ...down.ticks.map((value) => horizontalMark(down(value), formatNumber(value, metric.unit))),
    `<text x="${(left + width - right) / 2}" y="${height - 14}" text-anchor="middle">${x}</text>`,
    ...lines.map((line, index) => drawLine(line, colours[index % colours.length] ?? "#000000", across, down)),
    "</svg>",
    "",
  ].join("\n");
}

interface Scale {
  (value: number): number;
  /** Powers of ten inside the range, and its ends. */
  readonly ticks: readonly number[];
}

function logScale(values: readonly number[], from: number, to: number): Scale {
  const low = Math.log10(Math.min(...values));
  const high = Math.log10(Math.max(...values));
  const span = high - low || 1;
  const powers = Array.from({ length: 20 }, (_, index) => 10 ** (index - 6));
  const ticks = [
    10 ** low,
    ...powers.filter((power) => power > 10 ** low * 1.5 && power < 10 ** high / 1.5),
    10 ** high,
  ];
  const place = (value: number): number => Math.round(from + ((Math.log10(value) - low) / span) * (to - from));
  return Object.assign(place, { ticks });
}

function verticalMark(place: number, at: number): string {
  const y = height - bottom;
  return (
    `<line x1="${place}" y1="${top}" x2="${place}" y2="${y}" stroke="#dee2e6"/>` +
    `<text x="${place}" y="${y + 20}" text-anchor="middle">${at.toLocaleString("en")}</text>`
  );
}

function horizontalMark(place: number, label: string): string {
  return (
    `<line x1="${left}" y1="${place}" x2="${width - right}" y2="${place}" stroke="#dee2e6"/>` +
    `<text x="${left - 8}" y="${place + 4}" text-anchor="end">${label}</text>`
  );
}

function drawLine({ name, points }: PlotLine, colour: string, across: Scale, down: Scale): string {
  const places = points.map(({ at, value }) => `${across(at)},${down(value)}`);
  const last = points.at(-1);
  const label =
    last === undefined
      ? ""
      : `<text x="${across(last.at) + 10}" y="${down(last.value) + 4}" fill="${colour}">${name}</text>`;
  const dots = places
    .map((place) => place.split(","))
    .map(([x, y]) => `<circle cx="${x}" cy="${y}" r="4" fill="${colour}"/>`);
  return `<polyline points="${places.join(" ")}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join("")}${label}`;
}
