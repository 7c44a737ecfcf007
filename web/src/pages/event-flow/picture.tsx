/** The picture of services and events; a chunk of its own, because the library is big. */
import "@xyflow/react/dist/base.css";
import {
  Background,
  BaseEdge,
  type Edge,
  EdgeLabelRenderer,
  type EdgeProps,
  getBezierPath,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from "@xyflow/react";
import { useMemo } from "react";
import { textOf } from "../../i18n/text.ts";
import { classes } from "../../ui/classes.ts";
import styles from "./flow.module.css";
import { ServiceCard } from "./service-card.tsx";
import { type Flow, type FlowService, linksOf, neighbours } from "./shape.ts";
import { formatRate } from "./units.ts";

type ServiceNode = Node<{ service: FlowService; dim: boolean; focus: boolean }, "service">;
type EventEdge = Edge<{ labels: readonly string[]; rate: number; dim: boolean; lift: number }, "events">;

/** Where they stand; a service that is not known here stands below. */
const places: Record<string, { x: number; y: number }> = {
  auth: { x: 0, y: 190 },
  tasks: { x: 400, y: 110 },
  accounting: { x: 760, y: 330 },
  analytics: { x: 1190, y: 60 },
  notifications: { x: 1190, y: 470 },
};
/** Sides at which a line leaves and arrives, and how far its label is from the middle. */
const ways: Record<string, { out: string; into: string; lift?: number }> = {
  "auth-tasks": { out: "r", into: "l" },
  "auth-accounting": { out: "r", into: "l" },
  "auth-analytics": { out: "t", into: "t" },
  "auth-notifications": { out: "b", into: "l" },
  "tasks-accounting": { out: "r", into: "t" },
  "tasks-analytics": { out: "r", into: "l" },
  "tasks-notifications": { out: "b", into: "l", lift: 26 },
  "accounting-tasks": { out: "l", into: "b", lift: 30 },
  "accounting-analytics": { out: "r", into: "b" },
  "accounting-notifications": { out: "r", into: "t" },
};
const sides = [
  ["l", Position.Left],
  ["r", Position.Right],
  ["t", Position.Top],
  ["b", Position.Bottom],
] as const;

function ServiceBox({ data }: NodeProps<ServiceNode>) {
  return (
    <>
      {sides.map(([id, position]) => (
        <span key={id}>
          <Handle id={`in-${id}`} type="target" position={position} />
          <Handle id={`out-${id}`} type="source" position={position} />
        </span>
      ))}
      <ServiceCard service={data.service} dim={data.dim} focus={data.focus} />
    </>
  );
}

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

function EventLine({ id, data, ...ends }: EdgeProps<EventEdge>) {
  const [path, x, y] = getBezierPath(ends);
  const rate = data?.rate ?? 0;
  // A dot for what flows: the faster, the more there is.
  const seconds = Math.max(1.4, 7 - Math.log2(1 + rate * 8));
  return (
    <>
      <BaseEdge id={id} path={path} className={classes(styles.edge, data?.dim && styles.dim)} />
      {!still && rate > 0 && !data?.dim && (
        <circle r="3" className={styles.pulse}>
          <animateMotion dur={`${seconds}s`} repeatCount="indefinite" path={path} />
        </circle>
      )}
      <EdgeLabelRenderer>
        <div
          className={classes(styles.label, data?.dim && styles.dim)}
          style={{ transform: `translate(-50%,-50%) translate(${x}px,${y + (data?.lift ?? 0)}px)` }}
        >
          {data?.labels.map((label, at) => (
            <span key={label}>{at < data.labels.length - 1 ? `${label},` : label}</span>
          ))}
          <b className="num">{formatRate(rate)}</b>
        </div>
      </EdgeLabelRenderer>
    </>
  );
}

const nodeTypes = { service: ServiceBox };
const edgeTypes = { events: EventLine };

type Props = { flow: Flow; focus: string | undefined; onFocus: (service: string | undefined) => void };

export default function Picture({ flow, focus, onFocus }: Props) {
  const t = textOf("event-flow");
  const { nodes, edges } = useMemo(() => {
    const links = linksOf(flow);
    const near = focus === undefined ? undefined : neighbours(links, focus);
    return {
      nodes: flow.services.map(
        (service, at): ServiceNode => ({
          id: service.name,
          type: "service",
          position: places[service.name] ?? { x: at * 260, y: 560 },
          ariaLabel: service.name,
          data: { service, dim: near !== undefined && !near.has(service.name), focus: focus === service.name },
        }),
      ),
      edges: links.map(({ id, source, target, labels, perSecond }): EventEdge => {
        const way = ways[id] ?? { out: "r", into: "l" };
        const dim = focus !== undefined && source !== focus && target !== focus;
        return {
          ...{ id, source, target, type: "events" },
          ...{ sourceHandle: `out-${way.out}`, targetHandle: `in-${way.into}` },
          data: { labels, rate: perSecond, dim, lift: way.lift ?? 0 },
        };
      }),
    };
  }, [flow, focus]);
  return (
    <div className={styles.picture} role="region" aria-label={t("picture")}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodeClick={(_, node) => onFocus(node.id === focus ? undefined : node.id)}
        onPaneClick={() => onFocus(undefined)}
        onNodesChange={(changes) => {
          for (const change of changes) if (change.type === "select" && change.selected) onFocus(change.id);
        }}
        fitView
        fitViewOptions={{ padding: 0.08 }}
        nodesConnectable={false}
        nodesDraggable={false}
        edgesFocusable={false}
        minZoom={0.3}
        zoomOnScroll={false}
        preventScrolling={false}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={20} size={1} color="var(--ink-4)" style={{ opacity: 0.35 }} />
      </ReactFlow>
    </div>
  );
}
