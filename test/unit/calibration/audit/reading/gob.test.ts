import { describe, expect, it } from 'vitest'
import { GobError, gobRecords } from '../../../../../calibration/audit/reading/gob.ts'

/** `struct Point { X, Y int }` with 22 and 33, as Go 1.26 encodes it. */
const point = Buffer.from('1fff8d03010105506f696e7401ff8e000102010158010400010159010400000007ff8e012c014200', 'hex')

/** Two of a struct with a field of each kind, the second with an id only. */
const rows = Buffer.from(
  '6a7f03010103526f7701ff8000010a0102496401040001024f6b010200010453697a65010600010553686172650108000104' +
    '426f6479010a0001045461677301ff82000105486561647301ff86000102496e01ff88000105546872656501ff8a00010241' +
    '7401ff8c00000016ff81020101085b5d737472696e6701ff8200010c000021ff85040101106d61705b737472696e675d5b5d' +
    '696e7401ff8600010c01ff8400000cff83020102ff84000104000026ff8703010105496e6e657201ff8800010201044e616d' +
    '65010c0001055368617265010800000017ff89010101075b335d696e743801ff8a0001040106000010ff8b0501010454696d' +
    '6501ff8c0000004bff80010d010101fe012c01fed03f010268690102016106e69db1e4baac0101016b020201010102696e01' +
    'f89c7500883ce4377e000103020406010f010000000edce5e8001dcd6500ffff0012ff8001fa020000000000070001030000' +
    '0000',
  'hex',
)

describe('gobRecords', () => {
  it('reads a struct by the names of its fields', () => {
    expect([...gobRecords(point)].map(record => Object.fromEntries(record))).toEqual([{ X: 22n, Y: 33n }])
  })

  it('reads fields of each kind, and leaves zeros out', () => {
    const [first, second] = [...gobRecords(rows)].map(record => Object.fromEntries(record))
    expect(second).toEqual({ Id: 2n ** 40n, In: new Map(), Three: [0n, 0n, 0n] })
    expect(first).toEqual({
      Id: -7n,
      Ok: true,
      Size: 300n,
      Share: 0.25,
      Body: Buffer.from('hi'),
      Tags: ['a', '東京'],
      Heads: new Map([['k', [1n, -1n]]]),
      In: new Map<string, unknown>([
        ['Name', 'in'],
        ['Share', 1e300],
      ]),
      Three: [1n, 2n, 3n],
      At: expect.any(Buffer),
    })
  })

  it.each([
    { what: 'the end within a value', bytes: point.subarray(0, -2), message: 'it ends in the middle of a value' },
    { what: 'a type that is not described', bytes: point.subarray(32), message: 'it holds values of type 71' },
    { what: 'an empty message', bytes: Buffer.from('00', 'hex'), message: 'it has a message of 0 bytes' },
    { what: 'a huge message', bytes: Buffer.from('f87fffffffffffffff', 'hex'), message: /^it has a message of 9223/ },
    { what: 'a long number', bytes: Buffer.from('80', 'hex'), message: 'it has a number of 128 bytes' },
  ])('refuses $what', ({ bytes, message }) => {
    expect(() => [...gobRecords(bytes)]).toThrow(GobError)
    expect(() => [...gobRecords(bytes)]).toThrow(message)
  })

  it('refuses or reads whatever is left of a stream, and throws nothing else', () => {
    const outcomes = Array.from({ length: rows.length }, (_, length) => {
      const damaged = Buffer.from(rows)
      damaged[length] = damaged[length]! ^ 0xff
      return [rows.subarray(0, length), damaged].map(bytes => {
        try {
          return [...gobRecords(bytes)].length >= 0
        } catch (error) {
          return error instanceof GobError || `${length}: ${String(error)}`
        }
      })
    })
    expect(outcomes.flat().filter(outcome => outcome !== true)).toEqual([])
  })
})
