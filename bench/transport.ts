/** How subscribers are reached, and where they find it. */
export interface Transport {
  name: 'SSE' | 'WebSocket'
  path: string
}

export const sse: Transport = { name: 'SSE', path: '/v1/streams/orders' }
export const webSocket: Transport = { name: 'WebSocket', path: '/ws/chat' }

/** Subscribers of the ready-made floors at this path get a burst in one write. */
export const JOINED_PATH = '/joined'
