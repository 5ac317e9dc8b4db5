/** How subscribers are reached, and where they find it. */
export interface Transport {
  name: 'SSE' | 'WebSocket'
  path: string
}

export const sse: Transport = { name: 'SSE', path: '/v1/streams/orders' }
export const webSocket: Transport = { name: 'WebSocket', path: '/ws/chat' }
