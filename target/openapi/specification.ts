import type { Operation } from '../../contract/api/operation.ts'

/** The parts of OpenAPI 3.1 that the document uses. */
export interface OpenApiDocument {
  openapi: '3.1.0'
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } }
  tags: { name: string; description: string }[]
  paths: Record<string, PathItem>
  components: {
    schemas: Record<string, JsonSchema>
    parameters: Record<string, Parameter>
    responses: Record<string, DocumentedResponse>
    examples: Record<string, { value: unknown }>
    securitySchemes: Record<string, object>
  }
}

/** The operations of a path, by method. */
export type PathItem = Partial<Record<Lowercase<Operation['method']>, DocumentedOperation>>

export interface DocumentedOperation {
  operationId: string
  summary: string
  tags: string[]
  security: Record<string, string[]>[]
  parameters: (Parameter | Reference)[]
  requestBody?: RequestBody
  responses: Record<string, DocumentedResponse | Reference>
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  description?: string
  example?: unknown
  schema: JsonSchema
}

export interface RequestBody {
  required: boolean
  content: Record<string, MediaType>
}

export interface DocumentedResponse {
  description: string
  headers?: Record<string, { description: string; schema: JsonSchema }>
  content?: Record<string, MediaType>
}

export interface MediaType {
  schema?: JsonSchema | Reference
  examples?: Record<string, { value: unknown } | Reference>
}

/** A schema of JSON Schema 2020-12, which OpenAPI 3.1 uses unchanged. */
export type JsonSchema = Record<string, unknown>

export interface Reference {
  $ref: string
}
