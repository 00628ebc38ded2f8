/**
 * So many records may be written for one event: a model of a million records is not written again for every hundred
 * events, and reading the log again from the model on disk takes no longer than in the order of writing it.
 */
const RECORDS_PER_EVENT = 4

/** Whether the model is written again; reading the events again is what it costs not to. */
export function isSaveDue(eventCount: number, recordCount: number, saveEveryEvents: number): boolean {
  return eventCount >= Math.max(saveEveryEvents, recordCount / RECORDS_PER_EVENT)
}
