import { type Second, worstOf } from '../metrics/measurements.ts'

/** The figures of one second of the run. */
export type TimelinePoint = ReturnType<typeof pointOf>

/** Returns the point of a second. Rates are over its true length. @param open whether all loads are open models, which have an offered rate */
export function pointOf({ fromMs, toMs, counts, trends, workers }: Second, open: boolean) {
  const seconds = Math.max(toMs - fromMs, 1) / 1000
  const perSecond = (name: keyof Second['counts']) => counts[name] / seconds
  const { http_req_duration, http_req_service_time, http_req_waiting, http_connecting } = trends
  const { send_delay, event_e2e_latency } = trends
  const { cpu, eventLoopDelayP99Ms } = generatorOf({ workers })
  return {
    /** End of the second, as an offset from the start of the run. */
    atMs: toMs,
    /** Streams and WebSockets together. */
    openedPerSecond: perSecond('opened'),
    requestsPerSecond: perSecond('requests'),
    failuresPerSecond: perSecond('failed'),
    iterationsPerSecond: perSecond('iterations'),
    /** Arrivals that were due; absent unless all loads are open models. */
    ...(open && { offeredPerSecond: perSecond('offered') }),
    publishedPerSecond: perSecond('published'),
    /** On streams and on WebSockets. */
    deliveredPerSecond: perSecond('delivered'),
    droppedIterations: counts.dropped,
    /** Bytes of bodies and of frames. */
    sentBytesPerSecond: perSecond('sentBytes'),
    receivedBytesPerSecond: perSecond('receivedBytes'),
    connectionsOpenedPerSecond: http_connecting.count / seconds,
    /** Peak of this second, as are streams and sockets. */
    activeUsers: mostIn({ workers }, 'users'),
    openStreams: mostIn({ workers }, 'streams'),
    openSockets: mostIn({ workers }, 'sockets'),
    responseP50Ms: http_req_duration.percentile(50),
    responseP95Ms: http_req_duration.percentile(95),
    responseP99Ms: http_req_duration.percentile(99),
    serviceP95Ms: http_req_service_time.percentile(95),
    /** Time to first byte: from writing a request to the head of its answer. */
    waitingP50Ms: http_req_waiting.percentile(50),
    waitingP95Ms: http_req_waiting.percentile(95),
    connectingP95Ms: http_connecting.percentile(95),
    e2eP50Ms: event_e2e_latency.percentile(50),
    e2eP99Ms: event_e2e_latency.percentile(99),
    sendDelayP99Ms: send_delay.percentile(99),
    /** Share of one core. */
    generatorCpu: cpu,
    eventLoopDelayP99Ms,
  }
}

/** Returns the peak number of users, streams or sockets in a second: the sum over its workers. */
export function mostIn({ workers }: Pick<Second, 'workers'>, gauge: 'users' | 'streams' | 'sockets'): number {
  return [...workers.values()].reduce((sum, { gauges }) => sum + gauges[gauge], 0)
}

export function generatorOf({ workers }: Pick<Second, 'workers'>) {
  return worstOf([...workers.values()].flatMap(({ generator }) => generator ?? []))
}
