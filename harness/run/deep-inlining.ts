import { setFlagsFromString } from 'node:v8'

/** Bytecode that V8's optimizing compiler puts into one function in place of calls. */
interface InliningLimits {
  ofOneCallee: number
  ofAllCallees: number
}

/** The defaults of V8. */
const USUAL: InliningLimits = { ofOneCallee: 460, ofAllCallees: 920 }
const DEEP: InliningLimits = { ofOneCallee: 1000, ofAllCallees: 3000 }

/** Number of calls under way. */
let under = 0

/**
 * Lets V8 inline deeply while loads are driven. The path of a request leads through many small functions. With the usual limits, V8 joins
 * only some of them, so that objects that one of them makes for the next are allocated after all.
 *
 * The limits are those of the process. They are the usual ones again afterwards, because V8 refuses compiled modules from its cache that
 * were made under others.
 */
export async function withDeepInlining(drive: () => Promise<void>): Promise<void> {
  if (under++ === 0) limitInlining(DEEP)
  try {
    await drive()
  } finally {
    if (--under === 0) limitInlining(USUAL)
  }
}

function limitInlining({ ofOneCallee, ofAllCallees }: InliningLimits): void {
  setFlagsFromString(`--max-inlined-bytecode-size=${ofOneCallee}`)
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${ofAllCallees}`)
}
