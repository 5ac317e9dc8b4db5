/** Engines that can send the requests of a run. */
export const engineNames = ['lean', 'undici'] as const

export type EngineName = (typeof engineNames)[number]

export const DEFAULT_ENGINE: EngineName = 'lean'
