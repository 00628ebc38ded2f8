import type { StockEvent } from '../../../domain/events.ts'

export interface AuditedEvent {
  readonly sequence: number
  readonly at: number
  readonly unitId: string
  readonly event: StockEvent
}
