import type { Engine, EngineOptions } from './engine.ts'
import { LeanEngine } from './lean/engine.ts'
import { UndiciEngine } from './undici/engine.ts'
import type { EngineName } from './engine-names.ts'

const makers: Record<EngineName, (options: EngineOptions) => Engine> = {
  lean: options => new LeanEngine(options),
  undici: options => new UndiciEngine(options),
}

export function createEngine(name: EngineName, options: EngineOptions): Engine {
  return makers[name](options)
}
