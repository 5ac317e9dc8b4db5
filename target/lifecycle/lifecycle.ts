/** Where the target stands between its start and its end. */
export interface Lifecycle {
  phase: 'starting' | 'ready' | 'stopping'
}
