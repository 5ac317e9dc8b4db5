import type { Engine } from './engine.ts'
import type { EngineName } from './engine-names.ts'
import { LeanEngine, type LeanEngineOptions } from './lean/engine.ts'
import { UndiciEngine } from './undici/engine.ts'

const makers: Record<EngineName, (options: LeanEngineOptions) => Engine> = {
  lean: options => new LeanEngine(options),
  undici: options => new UndiciEngine(options),
}

export function createEngine(name: EngineName, options: LeanEngineOptions): Engine {
  return makers[name](options)
}
