import { Type, type Static } from '@sinclair/typebox'
import type { FileSystem } from '../../adapters/file-system/file-system.ts'
import type { Breaker } from '../../adapters/resilience/breaker.ts'
import type { LedgerObserver } from '../../domain/ledger.ts'
import { checkPluginOptions } from '../errors/plugin-options.ts'

const atLeastOne = (description: string) => Type.Optional(Type.Integer({ minimum: 1, description }))
const object = <Value>(description: string) =>
  Type.Optional(Type.Unsafe<Value>(Type.Object({}, { additionalProperties: true, description })))

const Options = Type.Object(
  {
    dataFolder: Type.String({ minLength: 1, description: 'must be a folder' }),
    queueDepthMax: atLeastOne('must be a whole number of writes of at least 1'),
    segmentBytesMax: atLeastOne('must be a whole number of bytes of at least 1'),
    cooldownMs: atLeastOne('must be a whole number of milliseconds of at least 1'),
    now: Type.Optional(
      Type.Function([], Type.Number(), { description: 'must be a function that gives milliseconds' })
    ),
    observer: object<LedgerObserver>('must be an observer of a ledger'),
    fileSystem: object<FileSystem>('must be a file system'),
    mustBeLocal: Type.Optional(Type.Boolean({ description: 'must be true or false' })),
    breaker: object<Breaker>('must be a circuit breaker'),
    onLost: Type.Optional(
      Type.Function([Type.Unsafe<Error>(Type.Any())], Type.Void(), {
        description: 'must be a function that takes an error'
      })
    )
  },
  { additionalProperties: false }
)

export type WalStoreOptions = Static<typeof Options>

/** Throws a TypeError that names the first option that does not fit. */
export function checkOptions(options: unknown): asserts options is WalStoreOptions {
  checkPluginOptions('bincard-wal-store', Options, options)
}
