import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Where the figures come from. */
export type MetricsSources = {
  readonly connections: () => number;
  readonly watched: () => number;
  readonly subscriptions: () => number;
  /** Events that the hub has passed on to watched event streams. */
  readonly passed: () => number;
  /** What sockets were not told of since they were too slow. */
  readonly activitiesDropped: () => number;
  readonly signalsDropped: () => number;
  /** Commits that the read models have not applied yet, over all partitions. */
  readonly projectionLag: () => number;
  /** Commits that the hub has not heard yet, over all partitions. */
  readonly hubLag: () => number;
  readonly projected: () => number;
  /** Oshi's own projections that could not go on and were left out. */
  readonly projectionsFailed: () => number;
  readonly activeCircles: () => number;
  readonly activeUsers: () => number;
};

const gauges = {
  connections: ['oshi_connections', 'Open WebSocket connections'],
  watched: ['oshi_watched_event_streams', 'Event streams that somebody follows'],
  subscriptions: ['oshi_subscriptions', 'Subscriptions of open connections'],
  projectionLag: ['oshi_projection_lag_commits', 'Commits that the read models do not show yet'],
  hubLag: ['oshi_hub_lag_commits', 'Commits that the hub has not passed on yet'],
  activeCircles: ['oshi_active_circles', 'Circles whose actors are running'],
  activeUsers: ['oshi_active_users', 'Users whose actors are running'],
  passed: ['oshi_hub_events', 'Events passed on to event streams that somebody follows'],
  activitiesDropped: [
    'oshi_activities_dropped',
    'Activities not told to sockets that were too slow',
  ],
  signalsDropped: ['oshi_signals_dropped', 'Signals not told to sockets that were too slow'],
  projected: ['oshi_projected_events', 'Events applied to the read models since the start'],
  projectionsFailed: [
    'oshi_projections_failed',
    'Read models that could not go on and have stopped',
  ],
} as const satisfies Record<keyof MetricsSources, readonly [string, string]>;

/** The figures of the server in the text format of Prometheus. */
export const createMetrics = () => {
  const registry = new Registry();
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
    text: () => registry.metrics(),
    /** Reads these sources whenever the figures are asked for. */
    follow(sources: MetricsSources): void {
      for (const [key, [name, help]] of Object.entries(gauges)) {
        new Gauge({
          name,
          help,
          registers: [registry],
          collect() {
            this.set(sources[key as keyof MetricsSources]());
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
