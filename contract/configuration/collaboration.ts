import { Type } from 'typebox'
import { closed } from './value.ts'

export const CollaborationConfiguration = Type.Object(
  {
    documents: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 1000,
      description:
        'Documents kept, over all tenants; past it those that nobody is in are forgotten, the longest left first.',
    }),
    documentChars: Type.Integer({
      minimum: 1,
      maximum: 16_777_216,
      default: 1_000_000,
      description: 'Longest text of a document.',
    }),
    historyOperations: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 1000,
      description: 'Operations kept of each document, for those who resume or edit what they saw a while ago.',
    }),
    memoryBytes: Type.Integer({
      minimum: 65_536,
      maximum: 17_179_869_184,
      default: 67_108_864,
      description:
        'Bytes of texts and operations kept, over all documents; past it documents that nobody is in are forgotten, then operations.',
    }),
  },
  closed,
)
