/** Returns the texts of whole, unmasked WebSocket frames, which `SocketFrame` has written. */
export function textsIn(frames: Buffer): string[] {
  const texts: string[] = []
  for (let at = 0; at < frames.length; ) {
    const short = frames[at + 1] as number
    const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10
    const bytes =
      short < 126 ? short : short === 126 ? frames.readUInt16BE(at + 2) : Number(frames.readBigUInt64BE(at + 2))
    texts.push(frames.toString('utf8', at + headBytes, at + headBytes + bytes))
    at += headBytes + bytes
  }
  return texts
}
