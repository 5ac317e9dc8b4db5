/** WebSocket frames, as far as a bench needs them: unfragmented text of less than 64 KB. */

const WHOLE_TEXT = 0x81
const MASKED = 0x80
const MASK_BYTES = 4

/** Returns the frame as a server sends it. */
export function frameOf(text: string): Buffer {
  const bytes = Buffer.byteLength(text)
  const head = bytes < 126 ? [WHOLE_TEXT, bytes] : [WHOLE_TEXT, 126, bytes >> 8, bytes & 0xff]
  return Buffer.concat([Buffer.from(head), Buffer.from(text)])
}

/** Returns the frame as a client sends it: masked with zeros, which leave its payload readable. */
export function maskedFrameOf(text: string): Buffer {
  const frame = frameOf(text)
  const headBytes = frame.length - Buffer.byteLength(text)
  frame[1] = (frame[1] as number) | MASKED
  return Buffer.concat([frame.subarray(0, headBytes), Buffer.alloc(MASK_BYTES), frame.subarray(headBytes)])
}
