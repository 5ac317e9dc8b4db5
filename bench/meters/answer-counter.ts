import type { ExchangeListener } from '../../harness/client/engine/engine.ts'

/** Counts the answers that an engine receives, and those that are failures. */
export class AnswerCounter {
  requests = 0
  failed = 0

  with(answered: () => void): ExchangeListener {
    let isGood = false
    const end = (good: boolean): void => {
      this.requests += 1
      if (!good) this.failed += 1
      answered()
    }
    return {
      onSend() {},
      onHead(status) {
        isGood = status < 400
      },
      onData() {},
      onEnd: () => end(isGood),
      onFailure: () => end(false),
    }
  }
}
