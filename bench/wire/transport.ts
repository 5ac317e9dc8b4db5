/** The protocol that subscribers use, and the path they open. */
export interface Transport {
  name: 'SSE' | 'WebSocket'
  path: string
}

export const sse: Transport = { name: 'SSE', path: '/v1/streams/orders' }
export const webSocket: Transport = { name: 'WebSocket', path: '/ws/chat' }

/** Path at which the ready-made floors send each burst in one write. */
export const JOINED_PATH = '/joined'
