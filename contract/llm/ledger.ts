import type { EncodedHistogram } from '../../core/encoded-histogram.ts'

/** Language-model requests of one run. `requests = completed + failed + cut + open`. */
export interface LlmAccount {
  /** Requests that the server took: queued, in the batch or ended. */
  requests: number
  /** Number of these that are streamed. */
  streams: number
  /** Requests that were refused because the queue was full. */
  refused: number
  /** Answers that were handed over whole. */
  completed: number
  /** Answers that failed in the middle, because of `llm.failureRate`. */
  failed: number
  /** Answers that ended early: their client left, or a fault or the limit for slow clients ended them. */
  cut: number
  /** Number of cut answers whose client did not read. */
  slowConsumers: number
  open: number
  promptTokens: {
    /** Over all requests. */
    read: number
    /** Over those that were completed. */
    completed: number
  }
  /** Once no request is open, `generated = sent + unsent`. */
  completionTokens: {
    generated: number
    /** Handed to the response. */
    sent: number
    /** Generated, but never handed over, because the answer was cut or failed. */
    unsent: number
    /** Number of sent tokens of completed answers: what their usage says. */
    completed: number
  }
  /** From the arrival of a request to its admission to the batch. */
  queueWait: EncodedHistogram
  /** From the arrival of a request to the handing over of its first token; of an answer in one piece, of all of it. */
  timeToFirstToken: EncodedHistogram
  /** From one token of a request to the next, as they were generated. */
  interTokenLatency: EncodedHistogram
}
