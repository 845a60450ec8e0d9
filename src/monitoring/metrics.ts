import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client';

type Described = readonly [name: string, help: string];

const counters = {
  forwarded: ['oshi_hub_events_total', 'Events delivered to event streams with subscriptions'],
  activitiesDropped: [
    'oshi_activities_dropped_total',
    'Activities dropped because the socket was too slow',
  ],
  signalsDropped: ['oshi_signals_dropped_total', 'Signals dropped because the socket was too slow'],
  overloadRefusals: [
    'oshi_overload_refused_total',
    'Commands refused because the server was overloaded',
  ],
  projected: ['oshi_projected_events_total', 'Events applied to the read models'],
} as const satisfies Record<string, Described>;

const gauges = {
  connections: ['oshi_connections', 'Open WebSocket connections'],
  nodes: ['oshi_nodes', 'Nodes that are alive, this one included'],
  partitions: ['oshi_partitions', 'Partitions of the log that this node runs'],
  watched: ['oshi_watched_event_streams', 'Event streams with subscriptions'],
  subscriptions: ['oshi_subscriptions', 'Subscriptions of open connections'],
  projectionLag: [
    'oshi_projection_lag_commits',
    'Commits that the read models have not applied yet',
  ],
  hubLag: ['oshi_hub_lag_commits', 'Commits that the hub has not received yet'],
  activeCircles: ['oshi_active_circles', 'Circles whose actors are running'],
  activeUsers: ['oshi_active_users', 'Users whose actors are running'],
  projectionsFailed: ['oshi_projections_failed', 'Read models that have failed and stopped'],
  freeBytes: ['oshi_free_bytes', 'Free space for data where there is the least; NaN if unknown'],
  commandsInFlight: ['oshi_commands_in_flight', 'Commands that are not answered yet'],
  overloadBound: [
    'oshi_overload_bound',
    'Commands that may be in flight during an overload; 0: there is none',
  ],
  contentRefused: ['oshi_content_refused', 'Whether new content is refused for lack of space'],
} as const satisfies Record<string, Described>;

/** The current number of each; lags are sums over all partitions. */
export type MetricsSources = {
  readonly [key in keyof typeof counters | keyof typeof gauges]: () => number;
};

/** The metrics of one of several processes behind one port, as they are sent between them. */
export type SiblingMetrics = {
  readonly worker: string;
  readonly metrics: Awaited<ReturnType<Registry['getMetricsAsJSON']>>;
};

/** The processes behind one port, of which any may be asked for the metrics. */
export type Siblings = {
  /** Answers the others with the metrics of this process from now on. */
  answer(metrics: () => Promise<SiblingMetrics['metrics']>): void;
  /** The metrics of those that answer, this one included. */
  all(): Promise<readonly SiblingMetrics[]>;
};

/** One text of the metrics of several processes, with the label `worker`. */
const textOf = (all: readonly SiblingMetrics[]): Promise<string> => {
  const labelled = all.map(({ worker, metrics }) =>
    metrics.map((metric) => ({
      ...metric,
      values: metric.values.map((value) => ({ ...value, labels: { ...value.labels, worker } })),
    })),
  );
  return AggregatorRegistry.aggregate(labelled).metrics();
};

/** The metrics of the server in the text format of Prometheus. */
export const createMetrics = (siblings?: Siblings) => {
  const registry = new Registry();
  siblings?.answer(() => registry.getMetricsAsJSON());
  const appended = new Counter({
    name: 'oshi_events_appended_total',
    help: 'Events appended to the log by this node',
    registers: [registry],
  });
  const appendSeconds = new Histogram({
    name: 'oshi_append_seconds',
    help: 'Time from an append to its acknowledgement, when it is durable',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
    registers: [registry],
  });
  const dropped = new Counter({
    name: 'oshi_dropped_total',
    help: 'Connections that the server closed, by close code',
    labelNames: ['code'],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: async () => (siblings ? textOf(await siblings.all()) : registry.metrics()),
    /** Reads these sources at each request for the metrics. */
    follow(sources: MetricsSources): void {
      for (const [key, [name, help]] of Object.entries(counters)) {
        new Counter({
          name,
          help,
          registers: [registry],
          collect() {
            this.reset();
            this.inc(sources[key as keyof typeof counters]());
          },
        });
      }
      for (const [key, [name, help]] of Object.entries(gauges)) {
        new Gauge({
          name,
          help,
          registers: [registry],
          collect() {
            this.set(sources[key as keyof typeof gauges]());
          },
        });
      }
    },
    /** An append has been acknowledged. */
    onAppended: (events: number, ms: number): void => {
      appended.inc(events);
      appendSeconds.observe(ms / 1000);
    },
    /** The server has closed a connection. */
    onDropped: (code: number): void => dropped.inc({ code: String(code) }),
  };
};

export type Metrics = ReturnType<typeof createMetrics>;
