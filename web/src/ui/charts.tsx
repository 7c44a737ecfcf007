/** Few, quiet charts in one accent: own SVG on d3. Each has a table for screen readers behind it. */
import { nice, ticks as ticksOf } from "d3-array";
import { area, curveMonotoneX, line } from "d3-shape";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import styles from "./charts.module.css";

export type Point = {
  /** Under the axis. */ label: string /** In the bubble and the table. */;
  about: string;
  value: number;
};

type ChartProps = {
  label: string;
  points: readonly Point[];
  height?: number;
  /** On the axis. */
  format: (value: number) => string;
  /** In the bubble and the table; `format` without it. */
  exact?: (value: number) => string;
  /** The last one is the newest: it stands out. False for distributions. */
  markLast?: boolean;
  /** A click, or Enter, on a point. */
  onPick?: (index: number) => void;
};

function useWidth() {
  const ref = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    if (ref.current !== null) observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return [ref, width] as const;
}

/** From the one range to the other, in a straight line. */
const linear =
  ([from = 0, to = 1]: readonly number[], [low = 0, high = 1]: readonly number[]) =>
  (value: number) =>
    low + ((value - from) / (to - from)) * (high - low);

const TOP = 10;
const RIGHT = 6;
const BOTTOM = 24;

/** Values over days: a line with a soft area down to zero. The last point is marked; arrows move a crosshair. */
export const AreaChart = (props: ChartProps) => <Chart {...props} kind="area" />;
/** Counts by day or by price. */
export const BarChart = (props: ChartProps) => <Chart {...props} kind="bars" />;

function Chart({
  label,
  points,
  height = 220,
  format,
  exact = format,
  markLast = true,
  onPick,
  kind,
}: ChartProps & { kind: "area" | "bars" }) {
  const gradient = useId();
  const [ref, width] = useWidth();
  const [at, setAt] = useState<number | null>(null);
  const last = points.length - 1;
  const values = points.map((point) => point.value);
  const [bottom, top] = nice(Math.min(0, ...values), Math.max(1, ...values), 4);
  const y = linear([bottom, top], [height - BOTTOM, TOP]);
  const ticks = ticksOf(bottom, top, 4).filter((tick) => kind === "area" || Number.isInteger(tick));
  const left = 14 + 6.4 * Math.max(...ticks.map((tick) => format(tick).length));
  const inset = kind === "bars" ? (width - left - RIGHT) / Math.max(1, points.length) / 2 : 0;
  const end = Math.max(left + 1, width - RIGHT - inset);
  // A single point is the newest one: it stands at the end.
  const begin = last === 0 && kind === "area" ? end : left + inset;
  const x = linear([0, Math.max(1, last)], [begin, end]);
  const nearest = linear([begin, end], [0, last]);
  const every = Math.max(1, Math.ceil(points.length / Math.max(2, Math.floor((width - left) / 104))));
  const shown = at ?? last;
  const point = points[shown];
  const move = (to: number) => setAt(Math.min(last, Math.max(0, to)));
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft") move(shown - 1);
    else if (event.key === "ArrowRight") move(shown + 1);
    else if (event.key === "Enter" && onPick !== undefined) onPick(shown);
    else return;
    event.preventDefault();
  };
  const barWidth = Math.max(2, Math.min(28, ((width - left - RIGHT) / Math.max(1, points.length)) * 0.62));
  const curve = (shape: "area" | "line") => {
    const place = (_: Point, index: number) => x(index);
    return shape === "area"
      ? area<Point>(place, y(0), (one) => y(one.value)).curve(curveMonotoneX)(points)
      : line<Point>(place, (one) => y(one.value)).curve(curveMonotoneX)(points);
  };
  return (
    <figure
      ref={ref}
      className={styles.chart}
      style={{ height }}
      onMouseLeave={() => setAt(null)}
      onMouseMove={(event) =>
        move(Math.round(nearest(event.clientX - event.currentTarget.getBoundingClientRect().left)) || 0)
      }
      {...(onPick !== undefined && { onClick: () => at !== null && onPick(at), "data-picks": true })}
    >
      {width > 0 && points.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows move the crosshair
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={label}
          tabIndex={0}
          onBlur={() => setAt(null)}
          onKeyDown={onKey}
        >
          <linearGradient id={gradient} x1="0" x2="0" y1="0" y2="1">
            <stop offset="0" stopColor="var(--accent)" stopOpacity=".20" />
            <stop offset="1" stopColor="var(--accent)" stopOpacity="0" />
          </linearGradient>
          {ticks.map((tick) => (
            <g key={tick}>
              <line
                x1={left}
                x2={width}
                y1={y(tick)}
                y2={y(tick)}
                className={styles.grid}
                data-zero={tick === 0 || undefined}
              />
              <text x={left - 10} y={y(tick) + 4} textAnchor="end" className={styles.tick}>
                {format(tick)}
              </text>
            </g>
          ))}
          {kind === "area" ? (
            <>
              <path d={curve("area") ?? ""} fill={`url(#${CSS.escape(gradient)})`} />
              <path d={curve("line") ?? ""} className={styles.line} />
              {at !== null && <line x1={x(at)} x2={x(at)} y1={TOP} y2={height - BOTTOM} className={styles.cross} />}
              <circle cx={x(shown)} cy={y(point?.value ?? 0)} r="4" className={styles.dot} />
            </>
          ) : (
            points.map((one, index) => (
              <rect
                key={`${one.label}-${one.about}`}
                x={x(index) - barWidth / 2}
                width={barWidth}
                y={Math.min(y(one.value), y(0) - (one.value > 0 ? 1 : 0))}
                height={Math.max(one.value > 0 ? 1 : 0, y(0) - y(one.value))}
                rx="2"
                className={styles.bar}
                data-at={(markLast ? index === shown : index === at) || undefined}
              />
            ))
          )}
          {points.map(
            (one, index) =>
              (last - index) % every === 0 && (
                <text
                  key={`${one.label}-${one.about}`}
                  x={index === last && kind === "area" ? width : x(index)}
                  y={height - 4}
                  textAnchor={kind === "bars" ? "middle" : index === last ? "end" : index === 0 ? "start" : "middle"}
                  className={styles.tick}
                >
                  {one.label}
                </text>
              ),
          )}
        </svg>
      )}
      {at !== null && point !== undefined && (
        <div className={styles.bubble} style={{ left: Math.min(Math.max(x(at) - 70, 0), Math.max(0, width - 148)) }}>
          <span>{point.about}</span>
          <b>{exact(point.value)}</b>
        </div>
      )}
      <table className="sr">
        <caption>{label}</caption>
        <tbody>
          {points.map((one) => (
            <tr key={one.about}>
              <th scope="row">{one.about}</th>
              <td>{exact(one.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

/** A line without axes, for a row of a table. Says its figures through `label` only. */
export function Spark({
  values,
  label,
  width = 84,
  height = 22,
}: {
  values: readonly number[];
  label: string;
  width?: number;
  height?: number;
}) {
  const x = linear([0, Math.max(1, values.length - 1)], [2, width - 4]);
  const y = linear([Math.min(0, ...values), Math.max(1, ...values)], [height - 3, 3]);
  const last = values.length - 1;
  return (
    <svg width={width} height={height} role="img" aria-label={label} className={styles.spark}>
      <line x1="0" x2={width} y1={y(0)} y2={y(0)} className={styles.grid} data-zero />
      <path
        d={line<number>((_, index) => x(index), y).curve(curveMonotoneX)([...values]) ?? ""}
        className={styles.line}
      />
      {last >= 0 && <circle cx={x(last)} cy={y(values[last] ?? 0)} r="2.25" fill="var(--accent)" />}
    </svg>
  );
}
