import { Type, type Static } from '@sinclair/typebox'

import { errorKinds, type ErrorCode, type ErrorName } from './error-kinds.ts'

const kinds = Object.values(errorKinds)

const Name = Type.Unsafe<ErrorName>({ type: 'string', enum: kinds.map((kind) => kind.name) })

const Code = Type.Unsafe<ErrorCode>({ type: 'string', enum: kinds.map((kind) => kind.code) })

const StatusCode = Type.Integer({ minimum: 400, maximum: 599, description: 'The HTTP status of the answer' })

const Message = Type.String({ description: 'What is wrong, for people; names what it is about' })

const Timestamp = Type.String({ format: 'date-time', description: 'UTC, with milliseconds' })

const Details = Type.Unsafe<object | unknown[]>({
  type: ['object', 'array'],
  description:
    'Facts for programs, such as expected and actual version, or each field and what is wrong with it'
})

/** The body of every error answer. */
export const ErrorEnvelope = Type.Object(
  {
    success: Type.Literal(false),
    error: Type.Object(
      {
        name: Name,
        message: Message,
        code: Code,
        statusCode: StatusCode,
        timestamp: Timestamp,
        details: Type.Optional(Details)
      },
      { additionalProperties: false }
    )
  },
  { $id: 'ErrorEnvelope', additionalProperties: false, description: 'An error' }
)

export type ErrorEnvelope = Static<typeof ErrorEnvelope>

/** The same facts as problem details of RFC 9457, given to who asks for `application/problem+json`. */
export const Problem = Type.Object(
  {
    type: Type.String({ format: 'uri', description: 'A stable URN, such as urn:bincard:error:conflict' }),
    title: Type.String(),
    status: StatusCode,
    detail: Message,
    code: Code,
    name: Name,
    timestamp: Timestamp,
    details: Type.Optional(Details)
  },
  { $id: 'Problem', additionalProperties: false, description: 'An error as problem details (RFC 9457)' }
)

export type Problem = Static<typeof Problem>
